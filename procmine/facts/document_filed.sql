-- What each document is filed on, one row a document and object. By the link that {filed_on}
-- names; where none is named ({anyhow}) by any link, in either direction, and where a document
-- has none by the events it shares. {others}: types that no document is filed on.
CREATE OR REPLACE TEMP TABLE _filed AS
WITH linked AS (
    SELECT l.source_id AS object_id, l.target_id
    FROM o2o AS l
    JOIN _document AS d ON d.object_id = l.source_id
    WHERE {filed_on} = '' OR l.qualifier = {filed_on}
    UNION
    SELECT l.target_id AS object_id, l.source_id AS target_id
    FROM o2o AS l
    JOIN _document AS d ON d.object_id = l.target_id
    WHERE {anyhow}
),
beside AS (
    SELECT DISTINCT t.object_id, r.object_id AS target_id
    FROM e2o AS t
    JOIN _document AS d ON d.object_id = t.object_id
    JOIN e2o AS r ON r.event_id = t.event_id AND r.object_id <> t.object_id
    WHERE {anyhow} AND t.object_id NOT IN (SELECT object_id FROM linked)
)
SELECT f.object_id, f.target_id, CAST(o.object_type AS VARCHAR) AS type
FROM (SELECT * FROM linked UNION SELECT * FROM beside) AS f
JOIN objects AS o ON o.object_id = f.target_id
WHERE NOT {anyhow} OR CAST(o.object_type AS VARCHAR) NOT IN ({others})
