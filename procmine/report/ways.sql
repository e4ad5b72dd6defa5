-- The ways on which cases wait longest: each passage of a case from one step to the next,
-- its days summed over the causes, and per way the median with an interval by order
-- statistics (the ranks n/2 -/+ 0.98 root n hold the median with 95 %).
WITH parts AS (
    SELECT w.*, coalesce(c.citizen_id, c.case_id) AS person
    FROM waits AS w JOIN cases AS c USING (case_id)
    WHERE w.to_event IS NOT NULL AND NOT w.censored
      AND w.from_activity <> w.to_activity  -- a step that is repeated is no way between two
),
passages AS (
    SELECT case_id, person, from_event, to_event,
           any_value(from_activity) AS source, any_value(to_activity) AS target,
           sum(days) AS days
    FROM parts GROUP BY case_id, person, from_event, to_event
    HAVING max("end") > $begin::TIMESTAMPTZ AND max("end") <= $finish::TIMESTAMPTZ
),
ranked AS (
    SELECT *, count(*) OVER way AS size,
           row_number() OVER (PARTITION BY source, target ORDER BY days, case_id) AS place
    FROM passages WINDOW way AS (PARTITION BY source, target)
),
ways AS (
    SELECT source, target, count(*) AS n, count(DISTINCT case_id) AS cases,
           count(DISTINCT person) AS citizens, median(days) AS median_days,
           sum(days) AS days,
           max(days) FILTER (place = greatest(1, floor(size / 2 - 0.98 * sqrt(size)))) AS lower,
           max(days) FILTER (place = least(size, ceil(size / 2 + 1 + 0.98 * sqrt(size)))) AS upper
    FROM ranked GROUP BY source, target
),
causes AS (
    SELECT p.from_activity AS source, p.to_activity AS target, p.cause, sum(p.days) AS spent
    FROM parts AS p JOIN passages AS q USING (case_id, from_event, to_event)
    GROUP BY ALL
),
mainly AS (
    SELECT source, target, arg_max(cause, (spent, cause)) AS cause,
           max(spent) / nullif(sum(spent), 0) AS cause_share
    FROM causes GROUP BY source, target
)
SELECT w.*, l.cause, l.cause_share
FROM ways AS w LEFT JOIN mainly AS l USING (source, target)
WHERE w.citizens >= $least
ORDER BY w.median_days DESC, w.n DESC, w.source, w.target
LIMIT $top
