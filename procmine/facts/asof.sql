-- The value of one attribute of an object at an instant: the latest change up to then,
-- else the value from the beginning. {initial} is an expression over the objects' columns.
WITH changed AS (
    SELECT
        k.key,
        h.value,
        row_number() OVER (PARTITION BY k.key ORDER BY h.time DESC, h.value DESC) AS place
    FROM _asof AS k
    JOIN object_changes AS h ON h.object_id = k.object_id
    WHERE CAST(h.attribute AS VARCHAR) = {attribute} AND epoch_us(h.time) <= k.at
)
SELECT k.key, CASE WHEN c.key IS NOT NULL THEN c.value ELSE {initial} END AS value
FROM _asof AS k
JOIN objects AS o ON o.object_id = k.object_id
LEFT JOIN changed AS c ON c.key = k.key AND c.place = 1
ORDER BY k.key
