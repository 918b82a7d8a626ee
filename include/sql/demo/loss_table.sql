-- The loss benchmark's table. No two writes share a version, so a row's version says which write it is.
CREATE SEQUENCE orders_version CACHE 1;
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version bigint NOT NULL DEFAULT nextval('orders_version'),
    note text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_updated_at ON orders (updated_at);
