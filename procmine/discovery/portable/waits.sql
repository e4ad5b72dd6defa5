-- How long objects lie after each activity, by the unit that they lie with (null: none known).
SELECT
    object_type,
    activity,
    unit AS holder,
    count(*) AS n,
    CAST(sum(dt) AS DOUBLE) / 3.6e9 AS hours,
    median(dt) / 3.6e9 AS median_hours
FROM procmine_lifeline
WHERE dt IS NOT NULL
GROUP BY object_type, activity, unit
ORDER BY object_type, n DESC, activity, holder
