-- Each object's events in the order that binds, each with the next: type, object, activity,
-- unit, instant in microseconds since 1970, and of the next event activity, unit and distance.
-- Of several units of an event the least id counts. Portable: ORDER BY with a full tie-break
-- in each window, ON, whole numbers for instants.
WITH units AS (
    SELECT r.event_id, min(r.object_id) AS unit
    FROM procmine_e2o AS r
    JOIN procmine_objects AS o ON o.object_id = r.object_id
    JOIN procmine_acting AS w
        ON w.object_type = o.object_type AND (w.qualifier = '' OR w.qualifier = r.qualifier)
    GROUP BY r.event_id
),

lived AS (
    SELECT DISTINCT o.object_type, r.object_id, r.event_id
    FROM procmine_e2o AS r
    JOIN procmine_objects AS o ON o.object_id = r.object_id
),

told AS (
    SELECT
        l.object_type,
        l.object_id,
        l.event_id,
        e.event_type AS activity,
        u.unit,
        e.at_us,
        k.place
    FROM lived AS l
    JOIN procmine_events AS e ON e.event_id = l.event_id
    JOIN procmine_rank AS k ON k.event_type = e.event_type
    LEFT JOIN units AS u ON u.event_id = l.event_id
)

SELECT
    object_type,
    object_id,
    activity,
    unit,
    at_us,
    lead(activity) OVER (
        PARTITION BY object_type, object_id ORDER BY at_us, place, event_id
    ) AS next_activity,
    lead(unit) OVER (
        PARTITION BY object_type, object_id ORDER BY at_us, place, event_id
    ) AS next_unit,
    lead(at_us) OVER (
        PARTITION BY object_type, object_id ORDER BY at_us, place, event_id
    ) - at_us AS dt
FROM told
