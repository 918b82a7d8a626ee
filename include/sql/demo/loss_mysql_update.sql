-- New versions of rows, each of its own: the number has room for every id. updated_at moves by itself.
UPDATE orders
SET version = %s + id, note = %s
WHERE id IN %s
