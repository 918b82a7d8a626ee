"""Every kind of change of a table in PostgreSQL, and what becomes of it: ``docs/schema-changes.md`` as data (R26, R32).

``{t}`` stands for the table's name. It begins as ``TABLE``, or as the row's own ``made``, with three rows of an hour
that is read; the ``change`` follows, and the next run. ``RUN`` among the statements is a run in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

TABLE = (
    "CREATE TABLE {t} (id bigint PRIMARY KEY, v integer, w text, n numeric(9,2), s varchar(5), a integer[], "
    "d timestamp, at timestamptz NOT NULL)"
)
ROWS = (
    "INSERT INTO {t} (id, v, w, n, s, a, d, at) SELECT g, g, 'w' || g, g + 0.25, 'abcde', ARRAY[g, g], "
    "'2026-10-01 12:00', '2026-11-01T00:10Z' FROM generate_series(1, 3) g"
)
MORE = "INSERT INTO {t} (id, at) VALUES (4, '2026-11-01T01:10Z')"
RUN = "RUN"
DIFFER = "differ"
"""What the day's balance says, which is asked for this alone: it is dear."""


class Word(StrEnum):
    """What becomes of a change."""

    EXACT = "exact"
    FOLLOWED = "followed"
    TOLD = "told"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One change.

    ``says`` is in what is told of it: in the reasons of the next read and what status and prove say, or in the refusal.
    ``whole``: the table is read whole for it. ``options`` are what the file says of the table, ``after`` what it says
    once the change is made. ``named`` are columns that have another name in the target. ``unread`` columns don't
    travel. ``heals`` is the command after which current is the source again. ``through``: it doesn't wait for a read.
    ``held_by`` is the test of a row that needs more than a table.
    """

    what: str
    change: tuple[str, ...] = ()
    word: Word = Word.EXACT
    says: str = ""
    becomes: str = ""
    whole: bool = False
    made: tuple[str, ...] = (TABLE, ROWS)
    options: str = ""
    after: str | None = None
    more: str = MORE
    named: tuple[tuple[str, str], ...] = ()
    unread: tuple[str, ...] = ()
    heals: str = ""
    through: bool = False
    often: bool = False
    held_by: str = ""


E_, F, T, R = Word.EXACT, Word.FOLLOWED, Word.TOLD, Word.REFUSED
AS = "ALTER TABLE {t} "
ANEW = "was written anew"
WHOLE = "read whole"
BESIDE = "a new column beside, read whole"
NULLS = "rows read since have NULL in it"
_GONE = "TRUNCATE {t}"
_PARTED = (
    "CREATE TABLE {t} (id bigint PRIMARY KEY, w text, at timestamptz NOT NULL) PARTITION BY RANGE (id)",
    "CREATE TABLE {t}_low PARTITION OF {t} FOR VALUES FROM (0) TO (3)",
    "CREATE TABLE {t}_high PARTITION OF {t} FOR VALUES FROM (3) TO (4)",
    "INSERT INTO {t} SELECT g, 'w', '2026-11-01T00:10Z' FROM generate_series(1, 3) g",
)
_NO_MORE = "SELECT 1"


def _with(column: str, value: str, first: str = "") -> tuple[str, ...]:
    """A table with one column of a type, in which each row has the value."""
    table = (
        f"CREATE TABLE {{t}} (id bigint PRIMARY KEY, x {column}, at timestamptz NOT NULL)",
        f"INSERT INTO {{t}} SELECT g, {value}, '2026-11-01T00:10Z' FROM generate_series(1, 3) g",
    )
    return (first, *table) if first else table


def _to(type_: str, using: str = "x") -> tuple[str, ...]:
    return (f"{AS}ALTER x TYPE {type_} USING {using}",)


COLUMNS = (
    Drift(what="a column is added, without a default", change=(AS + "ADD c text",), word=F, says='"c" is new',
          becomes="it is added to both tables", often=True),
    Drift(what="… with a constant default", change=(AS + "ADD c int DEFAULT 7",), word=T, says="lack the default",
          becomes="rows read before have NULL in it until a reload", heals="reload", often=True),
    Drift(what="… with a volatile default", change=(AS + "ADD c text DEFAULT gen_random_uuid()::text",), word=F,
          says=ANEW, becomes=WHOLE, whole=True),
    Drift(what="… generated and stored", change=(AS + "ADD c int GENERATED ALWAYS AS (v * 2) STORED",), word=F,
          says=ANEW, becomes=WHOLE, whole=True),
    Drift(what="… an identity, or a serial", change=(AS + "ADD c int GENERATED ALWAYS AS IDENTITY",), word=F, says=ANEW,
          becomes=WHOLE, whole=True),
    Drift(what="… that a glob excludes", change=(AS + "ADD w_secret text DEFAULT 'x'",), unread=("w", "w_secret"),
          options="columns: {exclude: ['w*']}", becomes="it doesn't travel"),
    Drift(what="… under `schema: {added: discard}`", change=(AS + "ADD c text DEFAULT 'x'",), word=T, unread=("c",),
          options="schema: {added: discard}", says="held (schema.added)", becomes="it doesn't travel"),
    Drift(what="… under `schema: {added: freeze}`", change=(AS + "ADD c text",), word=R, options="schema: freeze",
          says="schema.added: freeze", becomes="the run"),
    Drift(what="a column is dropped", change=(AS + "DROP w",), word=T, says='"w" is gone from the source',
          becomes=NULLS, often=True),
    Drift(what="… and added again under its name", change=(AS + "DROP w", AS + "ADD w text"), word=F, whole=True,
          says="another column of that name", becomes=WHOLE, often=True),
    Drift(what="… and added again after a run", change=(AS + "DROP w", RUN, AS + "ADD w text"), word=F, whole=True,
          says="was another column's", becomes=WHOLE),
    Drift(what="… and added again with another type", change=(AS + "DROP v", AS + "ADD v text"), word=F, whole=True,
          says="another column of that name", named=(("v", "v__string"),), becomes=BESIDE),
    Drift(what="… under `schema: {dropped: freeze}`", change=(AS + "DROP w",), word=R, options="schema: freeze",
          says="schema.dropped: freeze", becomes="the run"),
    Drift(what="a column is renamed", change=(AS + "RENAME w TO text_of",), word=F, says='"w" is called "text_of"',
          becomes="a new column, read whole", whole=True),
    Drift(what="… and `renamed` says so", change=(AS + "RENAME w TO text_of",), word=F, after="renamed: {w: text_of}",
          says="followed (renamed)", becomes="renamed in both tables, nothing is read anew", often=True),
    Drift(what="two columns swap their names",
          change=(AS + "RENAME w TO y", AS + "RENAME s TO w", AS + "RENAME y TO s"),
          word=F, says="another column of that name", becomes=WHOLE, whole=True),
    Drift(what="an excluded column is renamed", change=(AS + "RENAME w TO text_of",), word=R,
          options="columns: {exclude: [w]}", says='the one that was excluded as "w"', becomes="the run"),
    Drift(what="a masked glob takes a column in", change=(AS + "ADD w_mail text DEFAULT 'x'",), word=T,
          options="mask: {'w*': sha256}", says="lack the default", unread=("w", "w_mail"),
          becomes="as an added column; its mask travels"),
    Drift(what="the cursor is renamed, and was derived", word=R, change=(AS + "RENAME updated_at TO moved",),
          made=("CREATE TABLE {t} (id bigint PRIMARY KEY, w text, updated_at timestamptz NOT NULL)",
                "INSERT INTO {t} SELECT g, 'w', '2026-11-01T00:10Z' FROM generate_series(1, 3) g"),
          options="cursor: ~", more=_NO_MORE, says='the cursor "updated_at" that was derived', becomes="the run"),
    Drift(what="NOT NULL is set, or taken off", change=(AS + "ALTER v SET NOT NULL", AS + "ALTER v DROP NOT NULL")),
    Drift(what="a default is set, or taken off", change=(AS + "ALTER v SET DEFAULT 9", AS + "ALTER v DROP DEFAULT")),
    Drift(what="a generated column's expression goes", change=(AS + "ALTER x DROP EXPRESSION",),
          made=("CREATE TABLE {t} (id bigint PRIMARY KEY, x int GENERATED ALWAYS AS (id * 2) STORED, at timestamptz)",
                "INSERT INTO {t} (id, at) SELECT g, '2026-11-01T00:10Z' FROM generate_series(1, 3) g")),
    Drift(what="the collation is another", change=(AS + 'ALTER w TYPE text COLLATE "C"',)),
    Drift(what="storage, compression or statistics of a column",
          change=(AS + "ALTER w SET STORAGE EXTERNAL", AS + "ALTER w SET STATISTICS 9")),
    Drift(what="a comment, a CHECK, a foreign key",
          change=("COMMENT ON COLUMN {t}.w IS 'words'", AS + "ADD CHECK (v < 100)",
                  AS + "ADD FOREIGN KEY (id) REFERENCES {t} (id) NOT VALID")),
)  # fmt: skip

TYPES = (
    Drift(what="integer to bigint, or back", change=(AS + "ALTER v TYPE bigint",), word=F, whole=True,
          says='"v" is int8, and was int4', becomes="INT64 either way, read whole", often=True),
    Drift(what="integer to numeric", change=(AS + "ALTER v TYPE numeric(20,4)",), word=F, whole=True,
          says='"v" is numeric, and was int4', becomes="widened in both tables, read whole", often=True),
    Drift(what="integer to text", change=(AS + "ALTER v TYPE text USING 'x' || v",), word=F, whole=True,
          says='"v" goes to "v__string"', named=(("v", "v__string"),), becomes=BESIDE, often=True),
    Drift(what="text to integer", change=(AS + "ALTER w TYPE int USING substr(w, 2)::int",), word=F, whole=True,
          says='"w" goes to "w__int64"', named=(("w", "w__int64"),), becomes=BESIDE),
    Drift(what="a column of the key gets such a type", change=(AS + "ALTER id TYPE text",), word=R,
          says="reload --anew", becomes="the run, until `floodmark reload --anew shop orders`"),
    Drift(what="… under `schema: {retyped: freeze}`", change=(AS + "ALTER v TYPE bigint",), word=R,
          options="schema: {retyped: freeze}", says="schema.retyped: freeze", becomes="the run"),
    Drift(what="varchar may be longer, or becomes text",
          change=(AS + "ALTER s TYPE varchar(9)", AS + "ALTER s TYPE text")),
    Drift(what="varchar is cut shorter", change=(AS + "ALTER s TYPE varchar(3) USING left(s, 3)",), word=F, whole=True,
          says=ANEW, becomes=WHOLE),
    Drift(what="numeric: more digits before the point", change=(AS + "ALTER n TYPE numeric(12,2)",), word=F,
          says="is numeric(12,2), and was numeric(9,2)", becomes="the target's type holds them"),
    Drift(what="numeric: more digits behind the point, or fewer",
          change=(AS + "ALTER n TYPE numeric(9,4)", AS + "ALTER n TYPE numeric(9,1)"), word=F, whole=True, says=ANEW,
          becomes="widened where that is needed, read whole"),
    Drift(what="numeric: more than BigQuery holds", change=(AS + "ALTER n TYPE numeric(90,2)",), word=F, whole=True,
          says='"n" goes to "n__string"', named=(("n", "n__string"),), becomes=BESIDE),
    Drift(what="timestamp to timestamptz", change=(AS + "ALTER d TYPE timestamptz USING d AT TIME ZONE 'UTC'",), word=F,
          whole=True, says='"d" goes to "d__timestamp"', named=(("d", "d__timestamp"),), becomes=BESIDE),
    Drift(what="a scalar to an array", change=(AS + "ALTER v TYPE int[] USING ARRAY[v]",), word=F, whole=True,
          says='"v" goes to', named=(("v", "v__string"),), becomes=BESIDE),
    Drift(what="an array to a scalar", change=(AS + "ALTER a TYPE int USING a[1]",), word=F, whole=True,
          says='"a" goes to "a__int64"', named=(("a", "a__int64"),), becomes=BESIDE),
    Drift(what="the same type, other values", change=(AS + "ALTER v TYPE int USING v * 100",), word=F, whole=True,
          says=ANEW, becomes=WHOLE, often=True),
    Drift(what="real to double precision", made=_with("real", "1.5"), change=_to("double precision"), word=F,
          whole=True, says="is float8, and was float4", becomes=WHOLE),
    Drift(what="json to jsonb", made=_with("json", "'{{\"a\":  1}}'"), change=_to("jsonb"), word=F, whole=True,
          says="is jsonb, and was json", becomes=WHOLE),
    Drift(what="boolean to integer", made=_with("boolean", "true"), change=_to("int", "x::int"), word=F, whole=True,
          says='"x" goes to "x__int64"', named=(("x", "x__int64"),), becomes=BESIDE),
    Drift(what="an enum gets a value", made=_with("{t}_mood", "'sad'", "CREATE TYPE {t}_mood AS ENUM ('sad', 'ok')"),
          change=("ALTER TYPE {t}_mood ADD VALUE 'glad'",), through=True),
    Drift(what="an enum's value is renamed", through=True, word=F, whole=True, says="is another now", becomes=WHOLE,
          made=_with("{t}_mood", "'sad'", "CREATE TYPE {t}_mood AS ENUM ('sad', 'ok')"), often=True,
          change=("ALTER TYPE {t}_mood RENAME VALUE 'sad' TO 'blue'",)),
    Drift(what="a domain gets a constraint, or loses one", through=True,
          made=_with("{t}_whole", "5", "CREATE DOMAIN {t}_whole AS int CHECK (VALUE > 0)"),
          change=("ALTER DOMAIN {t}_whole ADD CHECK (VALUE < 100)",)),
    Drift(what="a composite type gets an attribute", word=F, whole=True, says="is another now", becomes=WHOLE,
          made=_with("{t}_pair", "ROW(1, 2)::{t}_pair", "CREATE TYPE {t}_pair AS (a int, b int)"), through=True,
          change=("ALTER TYPE {t}_pair ADD ATTRIBUTE c int",)),
    Drift(what="an attribute of it is renamed", word=F, whole=True, says="is another now", becomes=WHOLE,
          made=_with("{t}_pair", "ROW(1, 2)::{t}_pair", "CREATE TYPE {t}_pair AS (a int, b int)"), through=True,
          change=("ALTER TYPE {t}_pair RENAME ATTRIBUTE a TO z",)),
)  # fmt: skip

KEYS = (
    Drift(what="the primary key goes", change=(AS + "DROP CONSTRAINT {t}_pkey",), word=R,
          says="no primary key and no unique index", becomes="the run, until `key` is written"),
    Drift(what="it is of other columns", change=(AS + "DROP CONSTRAINT {t}_pkey", AS + "ADD PRIMARY KEY (id, at)"),
          word=F, whole=True, says="key: id -> id, at", becomes=WHOLE),
    Drift(what="the unique index behind a written `key` goes", options="key: id",
          change=(AS + "DROP CONSTRAINT {t}_pkey",), becomes="each merge asserts the key from then on"),
    Drift(what="a second unique index, an index more, REPLICA IDENTITY",
          change=(AS + "ADD UNIQUE (id, at)", "CREATE INDEX ON {t} (w)", AS + "REPLICA IDENTITY FULL")),
)  # fmt: skip

TABLES = (
    Drift(what="the table is renamed, or moved to another schema", change=(AS + "RENAME TO {t}_moved",), word=R,
          more=_NO_MORE, says="no such table or view", becomes="the run, until `from` names it"),
    Drift(what="two tables swap their names", word=F, whole=True, says="the table behind its name", becomes=WHOLE,
          change=("CREATE TABLE {t}_other (LIKE {t} INCLUDING ALL)",
                  "INSERT INTO {t}_other (id, w, at) VALUES (9, 'o', '2026-11-01T00:10Z')",
                  AS + "RENAME TO {t}_old", "ALTER TABLE {t}_other RENAME TO {t}")),
    Drift(what="it is dropped and made anew", change=("DROP TABLE {t}", TABLE), word=F, whole=True,
          says="the table behind its name", becomes=WHOLE),
    Drift(what="TRUNCATE", change=(_GONE,), word=T, says="was emptied", heals="reload",
          becomes="the old rows stay until a reconcile or a reload", often=True),
    Drift(what="TRUNCATE, and filled again", word=F, whole=True, says=ANEW, becomes=WHOLE,
          change=(_GONE, "INSERT INTO {t} (id, w, at) VALUES (2, 'again', '2026-11-01T00:10Z')")),
    Drift(what="SET UNLOGGED, SET LOGGED", change=(AS + "SET UNLOGGED",), word=F, whole=True, says=ANEW, becomes=WHOLE),
    Drift(what="VACUUM FULL, CLUSTER", change=("CLUSTER {t} USING {t}_pkey",), becomes="rows that only moved"),
    Drift(what="storage parameters, grants", through=True,
          change=(AS + "SET (fillfactor = 70)", "GRANT SELECT ON {t} TO PUBLIC")),
    Drift(what="a partition is attached", made=_PARTED, word=F, says="new physical tables",
          becomes="all of its rows are read", more=_NO_MORE, often=True, through=True,
          change=("CREATE TABLE {t}_new (LIKE {t} INCLUDING ALL)",
                  "INSERT INTO {t}_new VALUES (14, 'n', '2026-11-01T00:10Z')",
                  AS + "ATTACH PARTITION {t}_new FOR VALUES FROM (10) TO (20)")),
    Drift(what="a partition is detached, or dropped", made=_PARTED, word=T, says="is gone", more=_NO_MORE,
          change=(AS + "DETACH PARTITION {t}_high",), heals="reconcile",
          becomes="its rows stay until a reconcile or a reload"),
    Drift(what="a table comes to inherit from it", word=R, more=_NO_MORE, says="inherit",
          change=("CREATE TABLE {t}_child () INHERITS ({t})",), becomes="the run", through=True),
    Drift(what="a view is replaced", word=F, whole=True, says="is another now", becomes=WHOLE, more=_NO_MORE,
          made=("CREATE TABLE {t}_base (id bigint PRIMARY KEY, w text, at timestamptz NOT NULL)",
                "INSERT INTO {t}_base SELECT g, 'w', '2026-11-01T00:10Z' FROM generate_series(1, 3) g",
                "CREATE VIEW {t} AS SELECT * FROM {t}_base"), options="key: id",
          change=("CREATE OR REPLACE VIEW {t} AS SELECT id, upper(w) AS w, at FROM {t}_base",)),
    Drift(what="the trigger that moves the cursor is switched off", word=T, says=DIFFER, heals="reload",
          becomes="no cursor shows such a change: the daily balance does, and a reconcile heals it",
          change=("UPDATE {t} SET w = 'silent' WHERE id = 1",), through=True),
    Drift(what="row level security is enabled", word=R, becomes="the run, for a role that it binds",
          held_by="tests/adapters/postgres/test_reading.py::"
                  "test_row_level_security_is_an_error_and_not_a_partial_read"),
)  # fmt: skip

CHAPTERS = (("Columns", COLUMNS), ("Types", TYPES), ("Keys", KEYS), ("Tables", TABLES))
DRIFTS = tuple(row for _, rows in CHAPTERS for row in rows)
