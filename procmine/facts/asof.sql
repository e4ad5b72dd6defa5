-- The value of one attribute of an object at an instant: the latest change up to then, else
-- the value from the beginning, else {later}. {initial} is an expression over the objects'
-- columns.
WITH known AS (
    SELECT k.key, h.value, h.time, epoch_us(h.time) <= k.at AS reached
    FROM _asof AS k
    JOIN object_changes AS h ON h.object_id = k.object_id
    WHERE CAST(h.attribute AS VARCHAR) = {attribute}
),
changed AS (
    SELECT key, value, row_number() OVER (PARTITION BY key ORDER BY time DESC, value DESC) AS place
    FROM known WHERE reached
),
following AS (
    SELECT key, value, row_number() OVER (PARTITION BY key ORDER BY time, value) AS place
    FROM known WHERE NOT reached
)
SELECT
    k.key,
    CASE WHEN c.key IS NOT NULL THEN c.value ELSE coalesce({initial}, {later}) END AS value
FROM _asof AS k
JOIN objects AS o ON o.object_id = k.object_id
LEFT JOIN changed AS c ON c.key = k.key AND c.place = 1
LEFT JOIN following AS f ON f.key = k.key AND f.place = 1
ORDER BY k.key
