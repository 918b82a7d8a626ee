-- The loss benchmark's table. No two writes share a version, so a row's version says which write it is.
CREATE TABLE orders (
    id bigint AUTO_INCREMENT PRIMARY KEY,
    version bigint NOT NULL,
    note text NOT NULL,
    updated_at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    KEY (updated_at)
);
CREATE PROCEDURE order_twice(first bigint, first_note text, wait double, second bigint, second_note text)
BEGIN
    START TRANSACTION;
    INSERT INTO orders (version, note) VALUES (first, first_note);
    DO SLEEP(wait);
    INSERT INTO orders (version, note) VALUES (second, second_note);
    COMMIT;
END
