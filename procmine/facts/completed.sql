-- What waits and documents add to each case.
WITH waited AS (
    SELECT
        w.case_id,
        sum(CASE WHEN CAST(w.cause AS VARCHAR) = 'working' THEN 0.0 ELSE w.hours END) AS wait_hours,
        sum(CASE WHEN CAST(w.cause AS VARCHAR) = 'working' THEN w.hours ELSE 0.0 END) AS work_hours,
        sum(CASE WHEN w.hours IS NULL THEN 1 ELSE 0 END) AS untold
    FROM {waits} AS w
    WHERE w.in_case
    GROUP BY w.case_id
),
worked AS (
    SELECT count(*) AS rows FROM {waits} AS w WHERE CAST(w.cause AS VARCHAR) = 'working'
),
filed AS (
    SELECT
        d.case_id,
        count(*) AS documents,
        sum(CASE WHEN d.flags <> '' OR CAST(d.status AS VARCHAR) IN
            ('duplicate', 'renewed', 'after_decision', 'unused') THEN 1 ELSE 0 END) AS flagged
    FROM {documents} AS d
    WHERE d.case_id IS NOT NULL
    GROUP BY d.case_id
)
SELECT
    CASE WHEN w.untold > 0 THEN NULL ELSE coalesce(w.wait_hours, 0.0) END AS wait_hours,
    CASE WHEN w.untold > 0 OR k.rows = 0 THEN NULL ELSE coalesce(w.work_hours, 0.0) END
        AS work_hours,
    CASE WHEN {has_documents} THEN coalesce(f.documents, 0) END AS documents,
    CASE WHEN {has_documents} THEN coalesce(f.flagged, 0) END AS flagged_documents
FROM {cases} AS c
CROSS JOIN worked AS k
LEFT JOIN waited AS w ON w.case_id = c.case_id
LEFT JOIN filed AS f ON f.case_id = c.case_id
ORDER BY c.case_id
