-- New versions of rows at random; those that somebody has locked are left out, so that nobody waits.
UPDATE orders
SET version = nextval('orders_version'), note = %s, updated_at = now()
WHERE id IN (
    SELECT id
    FROM orders
    WHERE id = ANY (ARRAY(
        SELECT ceil(random() * (SELECT last_value FROM orders_id_seq))::bigint
        FROM generate_series(1, %s)
    ))
    ORDER BY id
    FOR UPDATE SKIP LOCKED
)
