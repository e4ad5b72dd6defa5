-- Steps inside a case, each with the one before it and the one after it. A step that is
-- the first has no `previous`, one that is the last no `next`; the last step of a case that
-- is still open leads nowhere (`leads` is false).
CREATE TEMP TABLE lifeline AS
WITH inside AS (
    SELECT
        s.case_id, s.seq, s.activity, s.unit, s.unit_kind, s.class AS step_class, s.placed,
        coalesce(s.start::TIMESTAMPTZ, s.placed::TIMESTAMPTZ) AS begin, s.precision = 'day' AS coarse,
        coalesce(c.citizen_id, c.case_id) AS person, coalesce(c.open, FALSE) AS open
    FROM steps AS s JOIN cases AS c USING (case_id)
    WHERE s.in_case
)
SELECT
    *,
    lead(activity) OVER life AS next,
    lead(begin) OVER life AS next_begin,
    lead(unit) OVER life AS next_unit,
    lead(coarse) OVER life AS next_coarse,
    lag(activity) OVER life IS NULL AS first,
    row_number() OVER life - 1 AS place,
    row_number() OVER (ORDER BY case_id, seq) - 1 AS row
FROM inside
WINDOW life AS (PARTITION BY case_id ORDER BY seq)
ORDER BY row;

CREATE TEMP TABLE gaps AS
SELECT
    row, case_id, person, activity AS source, next AS target, next_unit,
    epoch_us(placed) AS left_us,
    greatest(epoch_us(next_begin), epoch_us(placed)) AS right_us,
    coarse OR next_coarse AS coarse,
    CASE
        WHEN coarse OR next_coarse
            THEN round(greatest(epoch_us(next_begin) - epoch_us(placed), 0) / 86400e6)
        ELSE greatest(epoch_us(next_begin) - epoch_us(placed), 0) / 86400e6
    END AS days
FROM lifeline
WHERE next IS NOT NULL;
