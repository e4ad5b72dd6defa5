-- Uses of documents in decisions: by any step that a catalogue marks as resting on documents,
-- whichever case it belongs to. {deciding}: event types; {uses}: qualifiers that count.
CREATE OR REPLACE TEMP TABLE _use AS
SELECT r.object_id, r.event_id, r.stamp
FROM _touching AS r
WHERE r.event_type IN ({deciding}) AND r.qualifier IN ({uses})
