-- How often one activity directly follows another in the life of an object, and how long after.
SELECT
    object_type,
    activity AS "from",
    next_activity AS "to",
    count(*) AS n,
    avg(dt) / 3.6e9 AS mean_hours,
    median(dt) / 3.6e9 AS median_hours
FROM procmine_lifeline
WHERE next_activity IS NOT NULL
GROUP BY object_type, activity, next_activity
ORDER BY object_type, n DESC, "from", "to"
