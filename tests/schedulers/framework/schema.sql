-- Twelve tables as the migrations of Rails, Django and Laravel make them: unsigned keys that count up, created_at and
-- updated_at, rows that are deleted softly, and what a framework keeps for itself.
CREATE TABLE users (
    id bigint unsigned AUTO_INCREMENT PRIMARY KEY,
    name varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL,
    email varchar(255) COLLATE utf8mb4_unicode_ci NOT NULL UNIQUE,
    email_verified_at timestamp NULL,
    password varchar(255) NOT NULL,
    remember_token varchar(100),
    is_admin tinyint(1) NOT NULL DEFAULT 0,
    settings json,
    created_at timestamp NULL,
    updated_at timestamp NULL,
    deleted_at timestamp NULL,
    KEY (updated_at)
) COMMENT 'Laravel''s: timestamps of whole seconds, which may be NULL; the application writes them.';

CREATE TABLE products (
    sku varchar(64) COLLATE utf8mb4_general_ci PRIMARY KEY,
    title varchar(255) NOT NULL,
    description text,
    price decimal(10, 2) NOT NULL,
    cost decimal(20, 6),
    weight double,
    state enum('new', 'used', 'refurbished') NOT NULL DEFAULT 'new',
    labels set('sale', 'hot', 'eco') NOT NULL DEFAULT '',
    published tinyint(1) NOT NULL DEFAULT 1,
    released_on date,
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY (updated_at)
) COMMENT 'The database writes its timestamps.';

CREATE TABLE orders (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    user_id bigint unsigned NOT NULL,
    number varchar(32) COLLATE utf8mb4_bin NOT NULL UNIQUE,
    status enum('cart', 'placed', 'paid', 'shipped', 'returned') NOT NULL DEFAULT 'cart',
    total decimal(12, 2) NOT NULL,
    currency char(3) CHARACTER SET ascii NOT NULL DEFAULT 'EUR',
    details json,
    note text,
    created_at datetime(6) NOT NULL,
    updated_at datetime(6) NOT NULL,
    KEY (updated_at),
    FOREIGN KEY (user_id) REFERENCES users (id)
) COMMENT 'Rails'': datetime(6) in UTC, which the application writes.';

CREATE TABLE order_items (
    id bigint unsigned AUTO_INCREMENT PRIMARY KEY,
    order_id bigint NOT NULL,
    position smallint unsigned NOT NULL,
    sku varchar(64) COLLATE utf8mb4_general_ci NOT NULL,
    quantity int unsigned NOT NULL,
    unit_price decimal(12, 4) NOT NULL,
    discount decimal(5, 4),
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY (updated_at),
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE
) COMMENT 'Lines that are taken out are deleted.';

CREATE TABLE tags (
    id int unsigned AUTO_INCREMENT PRIMARY KEY,
    name varchar(50) COLLATE utf8mb4_bin NOT NULL UNIQUE,
    created_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY (updated_at)
);

CREATE TABLE product_tag (
    sku varchar(64) COLLATE utf8mb4_general_ci NOT NULL,
    tag_id int unsigned NOT NULL,
    position int NOT NULL DEFAULT 0,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (sku, tag_id),
    KEY (updated_at)
) COMMENT 'A pivot: attached and detached.';

CREATE TABLE reviews (
    id bigint unsigned AUTO_INCREMENT PRIMARY KEY,
    sku varchar(64) COLLATE utf8mb4_general_ci NOT NULL,
    user_id bigint unsigned,
    rating tinyint unsigned NOT NULL,
    body text COLLATE utf8mb4_unicode_ci,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at timestamp(3) NULL ON UPDATE CURRENT_TIMESTAMP(3),
    deleted_at timestamp(3) NULL,
    KEY (updated_at),
    KEY (created_at)
) COMMENT 'updated_at is NULL until somebody edits one.';

CREATE TABLE payments (
    uuid char(36) CHARACTER SET ascii PRIMARY KEY,
    order_id bigint NOT NULL,
    provider enum('card', 'transfer', 'invoice') NOT NULL,
    amount decimal(20, 4) NOT NULL,
    captured bit(1) NOT NULL DEFAULT b'0',
    reference varbinary(16),
    captured_at datetime(6),
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY (updated_at)
);

CREATE TABLE events (
    id bigint unsigned AUTO_INCREMENT PRIMARY KEY,
    name varchar(100) NOT NULL,
    user_id bigint unsigned,
    properties json,
    ip varbinary(16),
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    KEY (created_at)
) COMMENT 'Rows are added and never change.';

CREATE TABLE settings (
    name varchar(191) PRIMARY KEY,
    value text,
    autoload tinyint(1) NOT NULL DEFAULT 1
) COMMENT 'Nothing says when one changes.';

CREATE TABLE sessions (
    id varchar(191) PRIMARY KEY,
    user_id bigint unsigned,
    ip_address varchar(45),
    user_agent text,
    payload longtext NOT NULL,
    last_activity int NOT NULL,
    KEY (last_activity)
) COMMENT 'Laravel''s: last_activity is a number of seconds.';

CREATE TABLE migrations (
    id int unsigned AUTO_INCREMENT PRIMARY KEY,
    migration varchar(255) NOT NULL,
    batch int NOT NULL
);

CREATE PROCEDURE capture_payment(IN wanted char(36), IN token varbinary(16))
BEGIN
    UPDATE payments SET captured = b'1', captured_at = UTC_TIMESTAMP(6), reference = token WHERE uuid = wanted;
    INSERT INTO events (name, properties) VALUES ('payment.captured', JSON_OBJECT('payment', wanted));
END;
