-- Documents that repeat an earlier one of the same citizen: the same file, or the same kind
-- while the earlier one still holds (design section 5). Across cases, processes and units.
-- _kind: kind, key, validity_us, exempt for each kind in the log.
CREATE OR REPLACE TEMP TABLE _repeat AS
WITH known AS (
    SELECT
        d.object_id, d.citizen_id, d.hash, d.reason, k.key, k.exempt,
        d.received,
        coalesce(d.valid_to, d.received + k.validity_us) AS holds_until
    FROM _document AS d
    LEFT JOIN _kind AS k ON k.kind = d.kind
    WHERE d.citizen_id IS NOT NULL AND d.received IS NOT NULL
),
same_file AS (
    SELECT
        object_id,
        row_number() OVER w AS place,
        first_value(object_id) OVER w AS original
    FROM known
    WHERE hash IS NOT NULL AND hash <> ''
    WINDOW w AS (PARTITION BY citizen_id, hash ORDER BY received, object_id)
),
duplicate AS (
    SELECT object_id, original FROM same_file WHERE place > 1
),
holding AS (
    SELECT
        n.object_id, n.received, n.reason,
        max(n.holds_until) OVER w AS held_until,
        arg_max(n.object_id, n.holds_until) OVER w AS holder
    FROM known AS n
    LEFT JOIN duplicate AS d ON d.object_id = n.object_id
    WHERE d.object_id IS NULL AND n.key IS NOT NULL AND n.key <> '' AND NOT n.exempt
    WINDOW w AS (
        PARTITION BY n.citizen_id, n.key ORDER BY n.received, n.object_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
SELECT object_id, original AS related, 'duplicate' AS repeats FROM duplicate
UNION ALL
SELECT object_id, holder AS related, 'renewed' AS repeats
FROM holding
WHERE received < held_until AND reason IS NULL
