-- A small business as somebody's own database is: made in the last day, and nobody thought of a sync.
CREATE TABLE schema_migrations (version text PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20260101000000');

CREATE TABLE customers (
    id bigint PRIMARY KEY,
    email text NOT NULL,
    password_hash text NOT NULL,
    deleted_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE customers IS 'People who buy.';

CREATE TABLE orders (
    id bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    status text NOT NULL,
    total numeric(12, 2) NOT NULL,
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON orders (updated_at);
CREATE INDEX ON customers (updated_at);

CREATE TABLE visits (id bigint PRIMARY KEY, path text NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL);

INSERT INTO countries VALUES ('AT', 'Austria'), ('DE', 'Germany'), ('FR', 'France');
INSERT INTO customers SELECT n, 'c' || n || '@example.org', md5(n::text), NULL, at, at
FROM (SELECT n, now() - n * interval '40 s' AS at FROM generate_series(1, 2000) AS n) AS made;
INSERT INTO orders SELECT n, 1 + n % 2000, 'new', n / 100.0, '{"channel": "web"}', at, at
FROM (SELECT n, now() - n * interval '4 s' AS at FROM generate_series(1, 20000) AS n) AS made;
INSERT INTO visits SELECT n, '/' || n, now() - n * interval '1 s' FROM generate_series(1, 50000) AS n;
ANALYZE;
