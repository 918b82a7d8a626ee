-- What the application says. Whatever has %(second)s or %(now)s bears a timestamp of its own clock, UTC.
-- name: register
INSERT INTO users (name, email, password, settings, created_at, updated_at) VALUES ('Neu 🙂', %(text)s, 'secret', '{"a": 1}', %(second)s, %(second)s)
-- name: rename
UPDATE users SET name = %(text)s, is_admin = NOT is_admin, updated_at = %(second)s WHERE id = %(old)s
-- name: leave
UPDATE users SET deleted_at = IF(deleted_at IS NULL, %(second)s, NULL), updated_at = %(second)s WHERE id = %(old)s
-- name: order
INSERT INTO orders (user_id, number, total, details, created_at, updated_at) VALUES (1, %(text)s, 11.90, '{"a": [1, 2]}', %(now)s, %(now)s)
-- name: line
INSERT INTO order_items (order_id, position, sku, quantity, unit_price) VALUES (%(old)s, 2, 'SKU-1', 2, 1.5)
-- name: pay
INSERT INTO payments (uuid, order_id, provider, amount) VALUES (%(uuid)s, %(old)s, 'card', 11.9)
-- name: ship
UPDATE orders SET status = 1 + (status + 0) MOD 5, note = %(text)s, updated_at = %(now)s WHERE id = %(old)s
-- name: reprice
UPDATE products SET price = price * 1.03 + 0.01, published = NOT published WHERE sku = %(sku)s
-- name: offer
INSERT INTO products (sku, title, price, weight) VALUES (%(text)s, 'Neues', 9.99, 0.1)
-- name: recount
UPDATE order_items SET quantity = quantity + 1, discount = 0.1 WHERE id = %(old)s
-- name: take_out
DELETE FROM order_items WHERE id = %(old)s
-- name: coin
INSERT INTO tags (name) VALUES (%(text)s)
-- name: reword
UPDATE tags SET name = %(text)s WHERE id = %(old)s
-- name: attach
INSERT INTO product_tag (sku, tag_id) VALUES (%(sku)s, %(old)s) ON DUPLICATE KEY UPDATE position = position + 1
-- name: detach
DELETE FROM product_tag WHERE sku = %(sku)s
-- name: review
INSERT INTO reviews (sku, user_id, rating, body) VALUES (%(sku)s, NULL, 5, %(text)s)
-- name: edit
UPDATE reviews SET body = %(text)s WHERE id = %(old)s
-- name: hide
UPDATE reviews SET deleted_at = IF(deleted_at IS NULL, NOW(3), NULL) WHERE id = %(old)s
-- name: capture
CALL capture_payment(%(old_uuid)s, x'00ff')
-- name: track
INSERT INTO events (name, user_id, properties) VALUES ('click', 1, '{}'), ('view', NULL, NULL), ('view', NULL, NULL)
-- name: visit
REPLACE INTO sessions (id, user_id, payload, last_activity) VALUES (SHA1(%(old)s), 1, 'p', UNIX_TIMESTAMP())
-- name: log_out
DELETE FROM sessions WHERE id = SHA1(%(old)s)
-- name: configure
UPDATE settings SET value = %(text)s WHERE name = CONCAT('setting.', %(old)s)
-- name: migrate
INSERT INTO migrations (migration, batch) VALUES (%(text)s, 99)
