SELECT id, version, note, updated_at
FROM orders
WHERE updated_at >= %s AND updated_at < %s
