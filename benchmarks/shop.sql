-- Orders, ten columns of the types that most tables have; about 156 bytes a row. {rows} of them, 4 ms apart.
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer int NOT NULL,
    status text NOT NULL,
    total numeric(12, 2),
    note text,
    details jsonb,
    token uuid NOT NULL,
    paid boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

INSERT INTO orders
SELECT
    g,
    (g * 7919 % 100000)::int,
    (ARRAY['new', 'paid', 'packed', 'sent', 'returned'])[1 + g % 5],
    (g * 37 % 1000000) / 100.0,
    'note for order ' || md5(g::text),
    jsonb_build_object('source', 'web', 'items', g % 9),
    md5(g::text)::uuid,
    g % 3 > 0,
    timestamptz '2026-01-01' + g * interval '4 ms',
    timestamptz '2026-01-01' + g * interval '4 ms'
FROM generate_series(1::bigint, {rows}) AS g;

CREATE INDEX orders_updated_at ON orders (updated_at);

VACUUM (FREEZE, ANALYZE) orders;
