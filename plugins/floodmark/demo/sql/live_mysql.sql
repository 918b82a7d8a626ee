-- What the shop's writers say to MariaDB instead of live.sql's statement of the same name.

-- name: change_item
SET @order_id = NULL, @line = NULL;
SELECT order_id, line INTO @order_id, @line FROM order_items WHERE order_id >= %(near)s ORDER BY order_id, line LIMIT 1
FOR UPDATE SKIP LOCKED;
UPDATE order_items SET quantity = %(quantity)s WHERE order_id = @order_id AND line = @line;

-- name: several_in_one_message
BEGIN;
INSERT INTO events (kind, properties) VALUES ('import', %(properties)s);
COMMIT;
BEGIN;
UPDATE orders SET note = %(note)s
WHERE id = (SELECT id FROM orders WHERE id >= %(near)s ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
DO SLEEP(0.3);
COMMIT;
