-- The events of a chunk of cases, one row a step, in the base order (time, rank, id).
-- A row of the table is a step; its rowid is its place.
-- {outcome} and {deadline} are expressions over the attribute columns of events.
CREATE OR REPLACE TEMP TABLE _step AS
WITH related AS (
    SELECT {distinct} c.case_no, r.event_id
    FROM e2o AS r
    JOIN _case AS c ON c.object_id = r.object_id
    WHERE c.chunk = {chunk} AND ({any_qualifier} OR r.qualifier = {qualifier})
)
SELECT
    s.case_no,
    e.event_id,
    a.code AS activity,
    epoch_us(e.time) AS time,
    epoch_us(e.start) AS start,
    CAST(e.precision AS VARCHAR) AS precision,
    {outcome} AS outcome,
    epoch_us({deadline}) AS deadline,
    CAST(e.source_file AS VARCHAR) AS source_file,
    e.source_line
FROM related AS s
JOIN events AS e ON e.event_id = s.event_id
JOIN _activity AS a ON a.activity = e.event_type
ORDER BY s.case_no, e.time, a.rank, e.event_id
