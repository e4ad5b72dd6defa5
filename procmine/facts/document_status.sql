-- Status conditions of the documents of one process (design section 5), one row a document.
-- _new_start: case_no, stamp. _coverage: year, assessable. {cut}, {horizon}: microseconds.
-- _minimum: decision (the activity; empty: any), key, required. {day_last}: the last instant of
-- the local day on which d came.
WITH placed AS (
    SELECT
        p.object_id, p.case_no, p.case_id, p.next_decision,
        d.number, d.kind, d.direction, d.pages, d.requested, d.received, d.received_day,
        d.citizen_id,
        CASE WHEN d.received_day THEN {day_last} ELSE d.received END AS late
    FROM _placed AS p
    JOIN _document AS d ON d.object_id = p.object_id
),
decided AS (
    SELECT p.*, b.stamp AS last_decision
    FROM placed AS p
    ASOF LEFT JOIN _decision AS b ON b.case_no = p.case_no AND b.stamp < p.received
),
begun AS (
    SELECT p.*, s.stamp AS last_start
    FROM decided AS p
    ASOF LEFT JOIN _new_start AS s ON s.case_no = p.case_no AND s.stamp <= p.late
),
ahead AS (
    SELECT p.*, s.stamp AS next_start
    FROM begun AS p
    ASOF LEFT JOIN _new_start AS s ON s.case_no = p.case_no AND s.stamp > p.late
),
deciding AS (
    SELECT case_no, stamp, arg_min(activity, seq) AS activity
    FROM _decision GROUP BY case_no, stamp
),
used AS (
    SELECT object_id, min(stamp) AS first_used FROM _use GROUP BY object_id
),
judged AS (
    SELECT
        a.*, f.activity AS decision, u.first_used, k.key, k.label, k.validity_us,
        coalesce(k.exempt, false) AS exempt,
        r.repeats, r.related,
        a.received IS NOT NULL AND a.last_decision IS NOT NULL
            AND coalesce(a.last_start <= a.last_decision, true)
            AND coalesce(a.next_start <= a.next_decision, a.next_decision IS NULL)
            AS after_decision,
        a.received IS NULL OR a.next_decision IS NULL
            OR (c.open AND a.received + {horizon} > {cut}) AS undecided,
        coalesce(g.assessable, false) AS assessable
    FROM ahead AS a
    LEFT JOIN deciding AS f ON f.case_no = a.case_no AND f.stamp = a.next_decision
    LEFT JOIN used AS u ON u.object_id = a.object_id
    LEFT JOIN _kind AS k ON k.kind = a.kind
    LEFT JOIN _repeat AS r ON r.object_id = a.object_id
    JOIN _case_time AS c ON c.case_no = a.case_no
    LEFT JOIN _coverage AS g
        ON g.year = year(timezone('Europe/Copenhagen', make_timestamptz(a.next_decision)))
),
-- What the decision ahead needs; where none is known yet, what any of them needs.
needed AS (
    SELECT
        j.object_id,
        max(CASE WHEN m.key = j.key THEN m.required END) AS required,
        CASE WHEN bool_or(m.decision IS NOT NULL) THEN j.decision END AS alone
    FROM judged AS j
    JOIN _minimum AS m
        ON m.decision IS NULL OR j.decision IS NULL OR m.decision = j.decision
    GROUP BY j.object_id, j.decision
),
counted AS (
    SELECT
        j.object_id,
        count(*) OVER kind_of_case - coalesce(m.required, 0) AS surplus,
        j.first_used,
        row_number() OVER (
            PARTITION BY j.case_no, j.key, m.alone, j.first_used IS NULL
            ORDER BY j.received DESC, j.object_id DESC
        ) AS latest
    FROM judged AS j
    JOIN needed AS m ON m.object_id = j.object_id
    WHERE NOT j.exempt AND j.next_decision IS NOT NULL AND j.key <> ''
    WINDOW kind_of_case AS (PARTITION BY j.case_no, j.key, m.alone)
)
SELECT
    j.*,
    coalesce(n.first_used IS NULL AND n.latest <= n.surplus, false) AS above_minimum,
    coalesce(m.required > 0, false) AS mandatory,
    rd.number AS related_number
FROM judged AS j
LEFT JOIN counted AS n ON n.object_id = j.object_id
LEFT JOIN needed AS m ON m.object_id = j.object_id
LEFT JOIN _document AS rd ON rd.object_id = j.related
ORDER BY j.number, j.object_id
