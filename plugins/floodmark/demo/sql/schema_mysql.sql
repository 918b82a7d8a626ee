-- The same shop in MariaDB. updated_at moves by itself; NOW() is the time at which a statement began. There are no
-- foreign keys: to check one locks the parent's row, and whoever changes a customer for a minute would stop all orders.
CREATE TABLE customers (
    id char(36) CHARACTER SET ascii PRIMARY KEY,
    email text NOT NULL,
    name text NOT NULL,
    nickname text COMMENT 'Empty: asked and none. NULL: never asked.',
    password_hash text NOT NULL COMMENT 'Never leaves the database.',
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    deleted_at timestamp(6) NULL COMMENT 'When the customer left; NULL for those who are here.',
    KEY (updated_at)
) COMMENT 'People who buy. Deleted ones stay, with deleted_at, and may return.';

CREATE TABLE products (
    sku varchar(20) PRIMARY KEY,
    title text NOT NULL,
    price decimal(12, 2) NOT NULL COMMENT 'In euros, today''s.',
    weight double COMMENT 'In kilograms; NULL for what is sent by mail.',
    sold_since date NOT NULL COMMENT '0000-00-00: since ever.',
    active boolean NOT NULL DEFAULT true
) COMMENT 'What is sold. Prices change, and nothing says when.';

CREATE TABLE orders (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    customer_id char(36) CHARACTER SET ascii NOT NULL,
    status enum('new', 'paid', 'packed', 'shipped', 'returned') NOT NULL DEFAULT 'new',
    total decimal(12, 2) NOT NULL COMMENT 'In euros, with tax.',
    details json NOT NULL DEFAULT '{}' COMMENT 'What the shop''s front end knew: channel, voucher, gift.',
    note text COMMENT 'What the customer wrote; NULL where the form had no such field yet.',
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) COMMENT 'When it was placed; never changes.',
    updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY (updated_at)
) COMMENT 'One row per order.';

CREATE TABLE order_items (
    order_id bigint NOT NULL,
    line smallint NOT NULL,
    sku varchar(20) NOT NULL,
    quantity integer NOT NULL,
    price decimal(12, 2) NOT NULL COMMENT 'In euros, of one piece, on the day of the order.',
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    updated_at timestamp(6) NULL ON UPDATE CURRENT_TIMESTAMP(6) COMMENT 'NULL for a line that nobody changed since.',
    PRIMARY KEY (order_id, line),
    KEY (updated_at),
    KEY (created_at)
) COMMENT 'The lines of orders.';

CREATE TABLE events (
    kind varchar(20) NOT NULL,
    customer_id char(36) CHARACTER SET ascii,
    properties json,
    created_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    KEY (created_at)
) COMMENT 'What happened. Rows are added and never change; equal ones may occur.';
