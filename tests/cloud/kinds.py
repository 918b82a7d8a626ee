"""The kinds of tables, and what an application does to each: before its first load, in an hour, and behind its back."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cloud import every_type


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A source of one table. ``options`` is the table's YAML.

    ``make`` makes and fills it. ``hour`` changes rows and moves their cursor, ``read`` of them. ``behind`` changes what
    no cursor shows: ``found`` is what a reconcile must find of it, keys missing, changed and deleted. ``seen`` names a
    view that shows the table as current must show it, where they differ by more than the rows that are deleted softly.
    ``relation`` is the table's name in the source, where it is another. ``in_storage``: its ledger lies in Cloud
    Storage. ``pruned``: the hour lies in few of current's partitions. ``again``: it is read whole each time, and left
    alone where nothing is new (R23). ``here`` says in what the local server is known to be otherwise.
    """

    name: str
    table: str
    options: str
    make: str
    hour: str
    read: int
    key: tuple[str, ...] = ("id",)
    deleted: str = ""
    relation: str = ""
    seen: str = ""
    behind: str = ""
    found: tuple[int, int, int] = (0, 0, 0)
    in_storage: bool = False
    pruned: bool = False
    again: bool = False
    here: str = ""


_TOUCH = "updated_at = now()"
_DAYS = "date_trunc('day', now()) - n % 60 * interval '1 day' + interval '6 h'"

ORDERS = Kind(
    name="keyed, partitioned",
    table="orders",
    options="{partition_by: created_at, deletes: reconcile}",
    make=f"""
        CREATE TABLE orders (id bigint PRIMARY KEY, t text, note text, total numeric(12, 2),
            created_at timestamptz, updated_at timestamptz NOT NULL);
        CREATE INDEX ON orders (updated_at);
        INSERT INTO orders SELECT n, 'new', md5(n::text), n * 1.25, {_DAYS}, now() - interval '1 day'
        FROM generate_series(1, 6000) AS n;
    """,
    hour=f"""
        UPDATE orders SET t = 'paid', {_TOUCH} WHERE id % 60 = 7;
        ALTER TABLE orders ADD colour text;
        INSERT INTO orders SELECT n, 'new', 'late', 1, CASE WHEN n % 2 = 0 THEN now() END, now(), 'red'
        FROM generate_series(6001, 6020) AS n;
    """,
    read=120,
    pruned=True,
    behind="DELETE FROM orders WHERE id IN (1, 2); UPDATE orders SET total = 0.01 WHERE id = 3",
    found=(0, 1, 2),
)
CUSTOMERS = Kind(
    name="keyed, not partitioned, soft deletes",
    table="customers",
    options="{deletes: {soft: deleted_at}}",
    make="""
        CREATE TABLE customers (region text, nr int, name text, credit numeric(8, 2), deleted_at timestamptz,
            updated_at timestamptz NOT NULL, PRIMARY KEY (region, nr));
        CREATE INDEX ON customers (updated_at);
        INSERT INTO customers SELECT 'EU ' || n % 7, n, 'name ' || n, n, NULL, now() - interval '1 day'
        FROM generate_series(1, 800) AS n;
    """,
    hour=f"""
        UPDATE customers SET deleted_at = now(), {_TOUCH} WHERE nr <= 30;
        UPDATE customers SET credit = 99.5, {_TOUCH} WHERE nr > 780;
    """,
    read=50,
    key=("region", "nr"),
    deleted="deleted_at",
    behind="UPDATE customers SET name = 'another' WHERE nr = 500; DELETE FROM customers WHERE nr = 501",
    found=(0, 1, 1),
)
FLAGGED = Kind(
    name="deleted rows are marked, ledger in Cloud Storage",
    table="notes",
    options="{deletes: {soft: gone, mode: flag}}",
    make="""
        CREATE TABLE notes (id uuid PRIMARY KEY, note text, gone bool NOT NULL DEFAULT false,
            updated_at timestamptz NOT NULL);
        CREATE INDEX ON notes (updated_at);
        INSERT INTO notes SELECT md5(n::text)::uuid, 'note ' || n, false, now() - interval '1 day'
        FROM generate_series(1, 200) AS n;
    """,
    hour=f"UPDATE notes SET gone = true, {_TOUCH} WHERE note LIKE '%9'",
    read=20,
    in_storage=True,
)
EVENTS = Kind(
    name="append, partitioned by its cursor",
    table="events",
    options="{sync: append, cursor: created_at, partition_by: {column: created_at, by: hour}}",
    make="""
        CREATE TABLE events (kind text, payload jsonb, created_at timestamptz NOT NULL);
        CREATE INDEX ON events (created_at);
        INSERT INTO events SELECT 'click', jsonb_build_object('n', n), now() - n * interval '1 min'
        FROM generate_series(61, 2880) AS n;
    """,
    hour="INSERT INTO events SELECT 'view', '{}', now() FROM generate_series(1, 40)",
    read=40,
    pruned=True,
    key=(),
)
PRODUCTS = Kind(
    name="full refresh",
    table="products",
    options="{sync: full}",
    make="""
        CREATE TABLE products (id int PRIMARY KEY, name text, price numeric(10, 2));
        INSERT INTO products SELECT n, 'product ' || n, n / 4.0 FROM generate_series(1, 300) AS n;
    """,
    hour="DELETE FROM products WHERE id <= 10; UPDATE products SET price = 1 WHERE id = 11",
    read=290,
    again=True,
)
READINGS = Kind(
    name="names of every sort",
    table="readings",
    relation="odd *table?#[1]",
    options="""{
        from: 'public."odd *table?#[1]"', cursor: "moved!", partition_by: "tag/2", cluster_by: "tag/1",
        rename: {"nr.": nr, "temp_°C": temp_c, "tag/1": tag_1, "tag/2": tag_2, "price€": price, "moved!": moved}}""",
    make="""
        CREATE TABLE "odd *table?#[1]" ("nr." bigint PRIMARY KEY, "temp_°C" double precision, "tag/1" text,
            "tag/2" date NOT NULL, "price€" numeric(6, 1), "moved!" timestamptz NOT NULL,
            t text, s text, "select" int, "größe" int, "a b" text, "a-b" text, "50% = half" text, "列" text);
        CREATE INDEX ON "odd *table?#[1]" ("moved!");
        INSERT INTO "odd *table?#[1]" SELECT n, n / 2.0, 'x' || n % 2, current_date - n % 5, n,
            now() - interval '1 day', 't', 's', n, n, 'a', 'b', 'c', 'd' FROM generate_series(1, 60) AS n;
        CREATE VIEW shown AS SELECT "nr." AS nr, "temp_°C" AS temp_c, "tag/1" AS tag_1, "tag/2" AS tag_2,
            "price€" AS price, "moved!" AS moved, t, s, "select", "größe", "a b", "a-b", "50% = half", "列"
        FROM "odd *table?#[1]";
    """,
    hour="""UPDATE "odd *table?#[1]" SET "temp_°C" = 30, t = 'u', "moved!" = now() WHERE "nr." <= 5""",
    read=5,
    key=("nr",),
    seen="shown",
    behind="""DELETE FROM "odd *table?#[1]" WHERE "nr." = 6""",
    found=(0, 0, 1),
)
TYPES = Kind(
    name="every type",
    table="types",
    options="{}",
    make=every_type.MAKE,
    hour=f"UPDATE types SET {_TOUCH}, c_text = 'changed' WHERE id = 1",
    read=1,
    seen="shown",
    behind="UPDATE types SET c_double = 2.5 WHERE id = 2",
    found=(0, 1, 0),
)
DECIMALS = Kind(
    name="wide decimals",
    table="decimals",
    options="{}",
    make="""
        CREATE TABLE decimals (id int PRIMARY KEY, a numeric(38, 20), b numeric(76, 38), c numeric(38, 0),
            updated_at timestamptz NOT NULL DEFAULT now() - interval '1 day');
        INSERT INTO decimals VALUES
            (1, 123456789012345678.12345678901234567890, 12345678901234567890123456789012345678.1, 1e37),
            (2, -1e-20, -1e-38, -99999999999999999999999999999999999999);
    """,
    hour=f"UPDATE decimals SET a = 1e-19, {_TOUCH} WHERE id = 1",
    read=1,
    here="its BIGNUMERIC keeps 18 digits after the point and 20 before it",
)
KINDS = (ORDERS, CUSTOMERS, FLAGGED, EVENTS, PRODUCTS, READINGS, TYPES, DECIMALS)
