-- What a plain slice is upserted into.
CREATE TABLE orders (
    id bigint PRIMARY KEY,
    version bigint NOT NULL,
    note text NOT NULL,
    updated_at timestamptz NOT NULL
)
