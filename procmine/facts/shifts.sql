-- Shifts of a responsible person or unit within each case: values that differ from the one
-- before. {attribute}, {initial}: the attribute, and its value from the beginning.
WITH held AS (
    SELECT k.key, k.low, k.high, k.low AS moment, 0 AS place, {initial} AS value
    FROM _span AS k
    JOIN objects AS o ON o.object_id = k.object_id
    UNION ALL
    SELECT k.key, k.low, k.high, epoch_us(h.time) AS moment, 1 AS place, max(h.value) AS value
    FROM _span AS k
    JOIN object_changes AS h ON h.object_id = k.object_id
    WHERE CAST(h.attribute AS VARCHAR) = {attribute}
      AND h.value IS NOT NULL
      AND epoch_us(h.time) <= k.high
    GROUP BY k.key, k.low, k.high, epoch_us(h.time)
),
-- What held before the case began is its initial value: the latest of those.
begun AS (
    SELECT key, greatest(moment, low) AS moment, value,
        row_number() OVER (
            PARTITION BY key, CASE WHEN moment > low THEN moment END ORDER BY place DESC, moment DESC
        ) AS latest
    FROM held
    WHERE value IS NOT NULL
),
followed AS (
    SELECT key, value, lag(value) OVER (PARTITION BY key ORDER BY moment) AS former
    FROM begun
    WHERE latest = 1
)
SELECT key, sum(CASE WHEN former IS NOT NULL AND former <> value THEN 1 ELSE 0 END) AS shifts
FROM followed
GROUP BY key
ORDER BY key
