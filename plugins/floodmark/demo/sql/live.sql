-- What the shop's writers say, by name. Values are bound. What MariaDB takes in other words only is in live_mysql.sql.

-- name: new_customer
INSERT INTO customers (id, email, name, nickname, password_hash)
VALUES (%(id)s, %(email)s, %(name)s, %(nickname)s, %(password_hash)s);

-- name: new_order
INSERT INTO orders (customer_id, total, details, note)
SELECT id, %(total)s, %(details)s, %(note)s
FROM customers WHERE deleted_at IS NULL AND id >= %(near)s ORDER BY id LIMIT 1
RETURNING id, customer_id;

-- name: new_item
INSERT INTO order_items (order_id, line, sku, quantity, price)
SELECT %(order)s, %(line)s, sku, %(quantity)s, price FROM products WHERE sku = %(sku)s;

-- name: new_event
INSERT INTO events (kind, customer_id, properties) VALUES (%(kind)s, %(customer)s, %(properties)s);

-- name: advance_order
UPDATE orders SET status = %(status)s
WHERE id = (SELECT id FROM orders WHERE id >= %(near)s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);

-- name: change_item
UPDATE order_items SET quantity = %(quantity)s
WHERE (order_id, line) = (
    SELECT order_id, line FROM order_items WHERE order_id >= %(near)s ORDER BY order_id, line LIMIT 1
    FOR UPDATE SKIP LOCKED
);

-- name: change_customer
UPDATE customers SET nickname = %(nickname)s
WHERE id = (SELECT id FROM customers WHERE id >= %(near)s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);

-- name: delete_customer
UPDATE customers SET deleted_at = CURRENT_TIMESTAMP(6)
WHERE id = (
    SELECT id FROM customers WHERE deleted_at IS NULL AND id >= %(near)s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
);

-- name: return_customer
UPDATE customers SET deleted_at = NULL
WHERE id = (SELECT id FROM customers WHERE deleted_at IS NOT NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);

-- name: change_price
UPDATE products SET price = round(price * %(factor)s, 2)
WHERE sku = (SELECT sku FROM products WHERE sku >= %(sku)s ORDER BY sku LIMIT 1 FOR UPDATE SKIP LOCKED);

-- name: several_in_one_message
BEGIN;
INSERT INTO events (kind, properties) VALUES ('import', %(properties)s);
COMMIT;
BEGIN;
UPDATE orders SET note = %(note)s
WHERE id = (SELECT id FROM orders WHERE id >= %(near)s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
SELECT pg_sleep(0.3);
COMMIT;
