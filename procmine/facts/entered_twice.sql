-- Facts of a citizen that people entered in a second system within a few days of the first.
-- Copies from system to system are no entries. {facts}: the side table; {within}: days.
WITH entered AS (
    SELECT fact_id, citizen_id, field, value, time, system, unit
    FROM {facts}
    WHERE NOT coalesce(automatic, false)
),
paired AS (
    SELECT
        l.*,
        f.fact_id AS first_id, f.system AS first_system, f.unit AS first_unit,
        f.time AS first_time, f.value AS first_value,
        row_number() OVER (
            PARTITION BY l.fact_id ORDER BY f.value = l.value DESC, f.time DESC, f.fact_id
        ) AS place
    FROM entered AS l
    JOIN entered AS f
        ON f.citizen_id = l.citizen_id AND f.field = l.field AND f.system <> l.system
        AND (f.time < l.time OR (f.time = l.time AND f.fact_id < l.fact_id))
        AND l.time <= f.time + INTERVAL 1 DAY * {within}
)
SELECT
    fact_id, first_id, citizen_id, field, first_system, system, first_unit, unit,
    first_time, time,
    (epoch_us(time) - epoch_us(first_time)) / 86400000000.0 AS days_between,
    value = first_value AS same
FROM paired
WHERE place = 1
ORDER BY time, fact_id
