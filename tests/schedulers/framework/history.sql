-- One row of most tables for each minute of a shop's hours before its writers come; @start is their beginning, UTC.
CREATE TEMPORARY TABLE minutes (n int PRIMARY KEY, at datetime(6) NOT NULL);
INSERT INTO minutes
WITH RECURSIVE count_up (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count_up WHERE n < @minutes - 1)
SELECT n, @start + INTERVAL n MINUTE + INTERVAL n * 7 MICROSECOND FROM count_up;

INSERT INTO users (name, email, email_verified_at, password, remember_token, is_admin, settings, created_at, updated_at)
SELECT CONCAT('Zoë ', n, ' 🙂'), CONCAT('user', n, '@example.org'), IF(n % 3 = 0, at, NULL), CONCAT('$2y$', n),
       CONCAT('token', n), n % 10 = 0, JSON_OBJECT('locale', 'de', 'n', n), at, at
FROM minutes ORDER BY n;
UPDATE users SET deleted_at = updated_at WHERE id % 11 = 0;

INSERT INTO products (sku, title, description, price, cost, weight, state, labels, published, released_on, created_at, updated_at)
SELECT CONCAT('Sku-', n), CONCAT('Märkte "', n, '", \\ and\nlines'), IF(n % 5 = 0, NULL, REPEAT('x,', n)), n / 7, n / 11, n / 3,
       1 + n % 3, n % 8, n % 4 > 0, '2020-02-29' + INTERVAL n DAY, at, at
FROM minutes ORDER BY n;

INSERT INTO orders (user_id, number, status, total, details, note, created_at, updated_at)
SELECT 1 + n % 50, CONCAT('R', 1000 + n), 1 + n % 5, n * 1.19, JSON_OBJECT('channel', '店', 'gift', n % 2 = 0),
       IF(n % 4 = 0, NULL, 'c/o O''Neil'), at, at
FROM minutes ORDER BY n;

INSERT INTO order_items (order_id, position, sku, quantity, unit_price, discount, created_at, updated_at)
SELECT o.id, 1, CONCAT('sku-', m.n), 1 + m.n % 5, m.n / 9, IF(m.n % 2, 0.05, NULL), m.at, m.at
FROM minutes m JOIN orders o ON o.number = CONCAT('R', 1000 + m.n) ORDER BY m.n;

INSERT INTO tags (name, created_at, updated_at) SELECT CONCAT(IF(n % 2, 'tag ', 'TAG '), n DIV 2), at, at FROM minutes ORDER BY n;

INSERT INTO product_tag (sku, tag_id, position, created_at, updated_at)
SELECT CONCAT('Sku-', m.n), t.id, m.n % 3, m.at, m.at
FROM minutes m JOIN tags t ON t.name = CONCAT(IF(m.n % 2, 'tag ', 'TAG '), m.n DIV 2);

INSERT INTO reviews (sku, user_id, rating, body, created_at, updated_at, deleted_at)
SELECT CONCAT('Sku-', n), IF(n % 6, 1 + n % 50, NULL), n % 6, CONCAT('😀 ', n), at, IF(n % 3, NULL, at), IF(n % 9, NULL, at)
FROM minutes ORDER BY n;

INSERT INTO payments (uuid, order_id, provider, amount, captured, reference, captured_at, created_at, updated_at)
SELECT CONCAT(LPAD(HEX(n), 8, '0'), '-0000-4000-8000-000000000000'), n, 1 + n % 3, n * 1.19, n % 2, UNHEX(LPAD(HEX(n), 8, '0')),
       IF(n % 2, at, NULL), at, at
FROM minutes ORDER BY n;

INSERT INTO events (name, user_id, properties, ip, created_at)
SELECT 'page.view', 1 + n % 50, JSON_OBJECT('n', n), INET6_ATON('2001:db8::1'), at FROM minutes ORDER BY n;

INSERT INTO settings (name, value, autoload) SELECT CONCAT('setting.', n), IF(n % 7, CONCAT('v', n), NULL), n % 2 FROM minutes;
INSERT INTO sessions (id, user_id, ip_address, user_agent, payload, last_activity)
SELECT SHA1(n), IF(n % 2, 1 + n % 50, NULL), '2001:db8::1', 'Mozilla/5.0', REPEAT('p', 500), UNIX_TIMESTAMP(at) FROM minutes;
INSERT INTO migrations (migration, batch) SELECT CONCAT('2026_11_01_', LPAD(n, 6, '0'), '_create'), 1 + n DIV 10 FROM minutes ORDER BY n;
DROP TEMPORARY TABLE minutes;
