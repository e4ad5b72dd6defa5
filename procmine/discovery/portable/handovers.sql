-- How often the next event of an object is another unit's, and how long after.
SELECT
    object_type,
    unit AS "from",
    next_unit AS "to",
    count(*) AS n,
    avg(dt) / 3.6e9 AS mean_hours,
    median(dt) / 3.6e9 AS median_hours
FROM procmine_lifeline
WHERE next_unit <> unit
GROUP BY object_type, unit, next_unit
ORDER BY object_type, n DESC, "from", "to"
