-- The case objects of a process with folder and citizen, numbered by case_id.
-- _related: the objects with relations, and their number.
-- {case_type}, {folders}, {citizens}: lists of object types; {part_of}, {citizen_of}: qualifiers.
WITH folder AS (
    SELECT l.source_id AS object_id, min(l.target_id) AS folder_id
    FROM o2o AS l
    JOIN objects AS t ON t.object_id = l.target_id
    WHERE CAST(t.object_type AS VARCHAR) IN ({folders})
      AND ({part_of} = '' OR l.qualifier = {part_of})
    GROUP BY l.source_id
),
citizen AS (
    SELECT l.source_id AS object_id, min(l.target_id) AS citizen_id
    FROM o2o AS l
    JOIN objects AS t ON t.object_id = l.target_id
    WHERE CAST(t.object_type AS VARCHAR) IN ({citizens})
      AND ({citizen_of} = '' OR l.qualifier = {citizen_of})
    GROUP BY l.source_id
),
found AS (
    SELECT
        o.object_id,
        coalesce(o.number, o.object_id) AS number,
        CASE WHEN CAST(o.object_type AS VARCHAR) IN ({folders}) THEN o.object_id
             ELSE f.folder_id END AS folder_id,
        CASE WHEN CAST(o.object_type AS VARCHAR) IN ({citizens}) THEN o.object_id
             END AS itself,
        r.relations
    FROM _related AS r
    JOIN objects AS o ON o.object_id = r.object_id
    LEFT JOIN folder AS f ON f.object_id = r.object_id
    WHERE CAST(o.object_type AS VARCHAR) = {case_type}
),
named AS (
    SELECT
        d.object_id,
        CASE WHEN count(*) OVER (PARTITION BY d.number) = 1 THEN d.number
             ELSE d.object_id END AS case_id,
        d.folder_id,
        coalesce(d.itself, own.citizen_id, behind.citizen_id) AS citizen_id,
        d.relations
    FROM found AS d
    LEFT JOIN citizen AS own ON own.object_id = d.object_id
    LEFT JOIN citizen AS behind ON behind.object_id = d.folder_id
)
SELECT
    object_id,
    case_id,
    folder_id,
    citizen_id,
    row_number() OVER (ORDER BY case_id, object_id) - 1 AS case_no,
    CAST((sum(relations) OVER (ORDER BY case_id, object_id) - 1) // {chunk_rows} AS INTEGER)
        AS chunk
FROM named
ORDER BY case_no
