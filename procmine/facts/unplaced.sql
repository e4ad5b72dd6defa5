-- Steps of a catalogue that relate to no case of a process that lists them, by event type.
-- {qualifier}: the qualifier of cases, '' for any; {folders}: the types of case files, '' for
-- none. What names no case file (a contact with the citizen) belongs to no case at all.
WITH placed AS (
    SELECT DISTINCT r.event_id
    FROM e2o AS r
    JOIN objects AS o ON o.object_id = r.object_id
    JOIN events AS e ON e.event_id = r.event_id
    JOIN _listed AS l
      ON l.activity = CAST(e.event_type AS VARCHAR) AND l.case_type = CAST(o.object_type AS VARCHAR)
    WHERE {qualifier} = '' OR r.qualifier = {qualifier}
),
filed AS (
    SELECT DISTINCT r.event_id
    FROM e2o AS r
    JOIN objects AS o ON o.object_id = r.object_id
    WHERE CAST(o.object_type AS VARCHAR) IN ({folders})
      AND ({qualifier} = '' OR r.qualifier = {qualifier})
)
SELECT CAST(e.event_type AS VARCHAR) AS activity, count(*) AS events
FROM events AS e
LEFT JOIN placed AS p ON p.event_id = e.event_id
WHERE p.event_id IS NULL
  AND ({folders_none} OR e.event_id IN (SELECT event_id FROM filed))
  AND CAST(e.event_type AS VARCHAR) IN (SELECT activity FROM _listed)
GROUP BY CAST(e.event_type AS VARCHAR)
ORDER BY activity
