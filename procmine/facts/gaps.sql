-- Working hours of the gaps between the steps of hands that a unit could have shortened.
-- {low}, {high}: range of case ids; {steps}, {waits}: Parquet files.
WITH ordered AS (
    SELECT
        s.case_id,
        s.seq,
        s.event_id,
        s.visit,
        max(CASE WHEN s.visit IS NOT NULL THEN s.seq END)
            OVER (PARTITION BY s.case_id ORDER BY s.seq) AS hand_seq
    FROM read_parquet({steps}) AS s
    WHERE s.case_id >= {low} AND s.case_id <= {high}
),
hands AS (
    SELECT
        o.case_id,
        o.seq,
        o.visit,
        lead(o.visit) OVER (PARTITION BY o.case_id ORDER BY o.seq) AS next_visit
    FROM ordered AS o
    WHERE o.visit IS NOT NULL
),
idle AS (
    SELECT
        o.case_id,
        o.hand_seq,
        sum(w.business_hours) AS hours,
        sum(CASE WHEN w.business_hours IS NULL THEN 1 ELSE 0 END) AS untold
    FROM read_parquet({waits}) AS w
    JOIN ordered AS o ON o.case_id = w.case_id AND o.event_id = w.from_event
    WHERE w.case_id >= {low} AND w.case_id <= {high}
      AND CAST(w.cause AS VARCHAR) IN ({causes})
    GROUP BY o.case_id, o.hand_seq
)
SELECT
    h.case_id,
    h.visit,
    h.next_visit,
    coalesce(i.hours, 0.0) AS hours,
    i.untold = 0 AS told
FROM hands AS h
JOIN idle AS i ON i.case_id = h.case_id AND i.hand_seq = h.seq
WHERE h.next_visit IS NOT NULL
ORDER BY h.case_id, h.seq
