-- Units, staff and meetings of the steps of a chunk: (row, part, object's place by id).
SELECT DISTINCT s.rowid AS row, p.part, p.place
FROM _step AS s
JOIN e2o AS r ON r.event_id = s.event_id
JOIN _part AS p ON p.object_id = r.object_id
WHERE p.qualifier = '' OR p.qualifier = r.qualifier
ORDER BY row, p.part, p.place
