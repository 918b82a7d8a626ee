-- Unconditional: the row that was read last is the newest that this reader has seen.
INSERT INTO orders (id, version, note, updated_at)
VALUES %s
ON CONFLICT (id) DO UPDATE
SET version = excluded.version, note = excluded.note, updated_at = excluded.updated_at
