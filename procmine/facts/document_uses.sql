-- Uses of documents in decisions: by any step that a catalogue marks as resting on documents,
-- whichever case it belongs to. {deciding}: event types; {uses}: qualifiers that count.
CREATE OR REPLACE TEMP TABLE _use AS
SELECT r.object_id, r.event_id, epoch_us(e.time) AS stamp
FROM e2o AS r
JOIN _document AS d ON d.object_id = r.object_id
JOIN events AS e ON e.event_id = r.event_id
WHERE CAST(e.event_type AS VARCHAR) IN ({deciding}) AND r.qualifier IN ({uses})
