-- Every document of the log with its own times and citizen, one row each.
-- _touching: the relations of documents to events; _beside: the citizens of those events.
-- {documents}, {folders}, {citizens}: lists of object types; {kind} ... {pages}: expressions
-- over the objects' columns; {anyhow}: no qualifier says what an event did to a document, so
-- the first one is when it came; the rest: qualifiers, empty for any.
CREATE OR REPLACE TEMP TABLE _document AS
WITH document AS (
    SELECT
        o.object_id,
        coalesce(o.number, o.object_id) AS number,
        {kind} AS kind,
        {direction} AS direction,
        {hash} AS hash,
        epoch_us({valid_to}) AS valid_to,
        nullif(trim({reason}), '') AS reason,
        try_cast(replace({pages}, ',', '.') AS DOUBLE) AS pages
    FROM objects AS o
    WHERE CAST(o.object_type AS VARCHAR) IN ({documents})
),
touched AS (
    SELECT
        r.object_id,
        CASE
            WHEN {anyhow} THEN 2
            WHEN r.qualifier = {requests} THEN 1
            WHEN r.qualifier = {receives} OR r.qualifier = {creates} THEN 2
            WHEN r.qualifier = {registers} THEN 3
        END AS part,
        r.stamp,
        r.by_day,
        r.event
    FROM _touching AS r
),
times AS (
    SELECT
        object_id,
        min(stamp) FILTER (WHERE part = 1) AS requested,
        arg_min(by_day, stamp) FILTER (WHERE part = 1) AS requested_day,
        min(stamp) FILTER (WHERE part = 2) AS received,
        arg_min(by_day, stamp) FILTER (WHERE part = 2) AS received_day,
        min(stamp) FILTER (WHERE part = 3) AS registered,
        arg_min(by_day, stamp) FILTER (WHERE part = 3) AS registered_day
    FROM touched
    GROUP BY object_id
),
folder AS (
    SELECT l.source_id AS object_id, min(coalesce(p.target_id, l.target_id)) AS folder_id
    FROM o2o AS l
    LEFT JOIN o2o AS p
        ON p.source_id = l.target_id AND ({part_of} = '' OR p.qualifier = {part_of})
    JOIN objects AS f
        ON f.object_id = coalesce(p.target_id, l.target_id)
        AND CAST(f.object_type AS VARCHAR) IN ({folders})
    WHERE {filed_on} = '' OR l.qualifier = {filed_on}
    GROUP BY l.source_id
),
behind AS (
    SELECT f.object_id, min(l.target_id) AS citizen_id
    FROM folder AS f
    JOIN o2o AS l ON l.source_id = f.folder_id
    JOIN objects AS c
        ON c.object_id = l.target_id AND CAST(c.object_type AS VARCHAR) IN ({citizens})
    WHERE {citizen_of} = '' OR l.qualifier = {citizen_of}
    GROUP BY f.object_id
),
present AS (
    SELECT t.object_id, min(r.object_id) AS citizen_id
    FROM touched AS t
    JOIN _beside AS r ON r.event = t.event
    GROUP BY t.object_id
)
SELECT
    d.*,
    t.requested,
    coalesce(t.requested_day, false) AS requested_day,
    coalesce(t.received, t.registered) AS received,
    coalesce(CASE WHEN t.received IS NULL THEN t.registered_day ELSE t.received_day END, false)
        AS received_day,
    f.folder_id,
    coalesce(b.citizen_id, p.citizen_id) AS citizen_id
FROM document AS d
LEFT JOIN times AS t ON t.object_id = d.object_id
LEFT JOIN folder AS f ON f.object_id = d.object_id
LEFT JOIN behind AS b ON b.object_id = d.object_id
LEFT JOIN present AS p ON p.object_id = d.object_id
ORDER BY d.object_id
