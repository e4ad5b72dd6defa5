-- The documents of one process, each with the one case it belongs to: that on which it is
-- filed, else one of its case file during which it came; of several, the one whose next
-- decision comes first. _case_time: case_no, case_id, object_id, folder_id, start, stop, ...
-- _decision: case_no, stamp. _filed: object_id, target_id, type. {named}: case types that are
-- no case files.
CREATE OR REPLACE TEMP TABLE _placed AS
WITH elsewhere AS (
    SELECT DISTINCT object_id FROM _filed WHERE type IN ({named})
),
direct AS (
    SELECT f.object_id, c.case_no, c.case_id
    FROM _filed AS f
    JOIN _case_time AS c ON c.object_id = f.target_id
    LEFT JOIN elsewhere AS e ON e.object_id = f.object_id
    WHERE f.type IN ({named}) OR e.object_id IS NULL
),
by_folder AS (
    SELECT d.object_id, c.case_no, c.case_id
    FROM _document AS d
    JOIN _case_time AS c ON c.folder_id = d.folder_id
    LEFT JOIN elsewhere AS e ON e.object_id = d.object_id
    LEFT JOIN (SELECT DISTINCT object_id FROM direct) AS x ON x.object_id = d.object_id
    WHERE e.object_id IS NULL AND x.object_id IS NULL
      AND d.received >= c.start AND d.received <= c.stop
),
candidate AS (
    SELECT *, true AS named FROM direct
    UNION ALL
    SELECT *, false AS named FROM by_folder
),
next_decision AS (
    SELECT c.*, n.stamp
    FROM candidate AS c
    JOIN _document AS d ON d.object_id = c.object_id
    ASOF LEFT JOIN _decision AS n ON n.case_no = c.case_no AND n.stamp >= d.received
),
ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY object_id ORDER BY stamp NULLS LAST, case_id) AS place
    FROM next_decision
)
SELECT object_id, case_no, case_id, named, stamp AS next_decision FROM ranked WHERE place = 1
