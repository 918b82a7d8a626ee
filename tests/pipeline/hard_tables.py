"""Whole tables as dice make them: hostile names, every type's edge values, and changes between runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from floodmark.adapters.postgres.keys import key_carriage
from floodmark.adapters.postgres.matrix.row import Edge, Row
from floodmark.adapters.postgres.matrix.whole import ROWS
from floodmark.core.config import column_names, names, yaml_tree
from floodmark.core.schema import Column

BY_TYPE = {row.type: row for row in ROWS}
TRAVELLING = tuple(
    row for row in ROWS if not row.carriage.refusal and all(edge.local for edge in row.edges) and row.type != "xml"
)
"""Those of which the local BigQuery server holds every value (xml: this PostgreSQL was built without it)."""
IDENTITY, MOMENT, TRUTH = BY_TYPE["bigint"], BY_TYPE["timestamp with time zone"], BY_TYPE["boolean"]
IN_KEYS = tuple(
    BY_TYPE[name]
    for name in ("integer", "text", "uuid", "date", "boolean", "bytea", "timestamp without time zone", "numeric(12,2)")
    if name in BY_TYPE
)
"""Types that may stand in a key beside the number, and whose values are no others there."""
PIECES = (
    '"', '""', "'", "''", "\\", ";", "--", "/*", "*/", "$$", "$1", "`", "{", "}", "{}", "{0}", "{col}", "{{ ds }}",
    "{%", "{#", "${X}", "%s", "%(a)s", "%", ":a", "?", "@salt", "#", "\n", "\r", "\t", " ", ".", ",", "(", ")", "[",
    "*", "°", "ß", "\u0131", "İ", "列", "e\u0301", "א", "\u202e", "\u200d", "\u200b", "\U0001f600", "\x01", "\x1f",
    "a", "A", "1", "_", "-", "select", "NULL", "t", "own", "identity", "rows", "v0", "key_hash", "é" * 40,
    "\U0001d49c" * 20, "x" * 63, "_PARTITIONTIME", "_TABLE_", "true", "null", "~", "y",
)  # fmt: skip
MOST_HASHED = 400
"""Columns of a row whose hash the local BigQuery server still makes: it nests a CONCAT, and gives up at 1,000."""
SYSTEM = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"}


def cut(name: str) -> str:
    """As much of a name as PostgreSQL keeps: 63 bytes."""
    return name.encode()[:63].decode(errors="ignore")


def usable(name: str) -> bool:
    """Whether a column of the source may be called so at all."""
    return bool(name.strip()) and name not in SYSTEM and not name.lower().startswith(names.OURS)


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column of the source: its name and its type."""

    name: str
    row: Row

    def value(self, pick: int) -> Edge | None:
        """One of its type's edge values; None is NULL."""
        edges = self.row.edges
        return None if pick % (len(edges) + 1) == 0 else edges[pick % (len(edges) + 1) - 1]


@dataclass(frozen=True, kw_only=True)
class Insert:
    """A new row; its values are those of its ``picks``, over and over."""

    picks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Update:
    """Other values of a row, in every ``each``-th column."""

    row: int
    picks: tuple[int, ...]
    each: int


@dataclass(frozen=True, kw_only=True)
class Delete:
    """A row that goes."""

    row: int


@dataclass(frozen=True, kw_only=True)
class Add:
    """A column that comes; ``pick`` is its default, for the rows that are there too."""

    field: Field
    pick: int


@dataclass(frozen=True, kw_only=True)
class Drop:
    """A column that goes."""

    column: int


@dataclass(frozen=True, kw_only=True)
class Rename:
    """A column that is called otherwise."""

    column: int
    name: str


Change = Insert | Update | Delete | Add | Drop | Rename


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A table, and what befalls it between its runs: ``steps`` has the changes before each."""

    schema: str
    table: str
    to: str
    identity: str
    second: Field | None
    cursor: str
    soft: Field | None
    fields: tuple[Field, ...]
    sync: str
    deletes: str
    bad_values: str
    verify: str
    first_load: str
    steps: tuple[tuple[Change, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Dice:
    """Throws of one number: the same number, the same throws."""

    random: Random

    def name(self, taken: Collection[str] = ()) -> str:
        """A name of the source's, which is not taken."""
        while True:
            name = cut("".join(self.random.choices(PIECES, k=self.random.randint(1, 4))))
            if usable(name) and name not in taken and not name.startswith("pg_"):
                return name

    def field(self, rows: Sequence[Row] = TRAVELLING, taken: Collection[str] = ()) -> Field:
        """A column of any of these types."""
        return Field(name=self.name(taken), row=self.random.choice(rows))

    def pick(self) -> int:
        """Any place."""
        return self.random.randint(0, 30)

    def picks(self) -> tuple[int, ...]:
        """Places of a row's values."""
        return tuple(self.pick() for _ in range(self.random.randint(1, 7)))

    def change(self) -> Change:
        """What befalls a table or a row."""
        kind = self.random.choices((Insert, Update, Delete, Add, Drop, Rename), (4, 6, 3, 1, 1, 1))[0]
        if kind is Insert:
            return Insert(picks=self.picks())
        if kind is Update:
            return Update(row=self.pick(), picks=self.picks(), each=self.random.randint(1, 4))
        if kind is Delete:
            return Delete(row=self.pick())
        if kind is Add:
            return Add(field=self.field(), pick=self.pick())
        return Drop(column=self.pick()) if kind is Drop else Rename(column=self.pick(), name=self.name())

    def changes(self, fewest: int, most: int) -> tuple[Change, ...]:
        """What befalls it between two runs."""
        return tuple(self.change() for _ in range(self.random.randint(fewest, most)))


def plan(seed: int, most: int = 8) -> Plan:
    """The table of this number: of up to so many columns beside its key, its cursor and its soft delete column."""
    random = Random(seed)
    dice = Dice(random=random)
    named: list[Field] = []

    def field(rows: Sequence[Row] = TRAVELLING) -> Field:
        named.append(dice.field(rows, [one.name for one in named]))
        return named[-1]

    sync = random.choice(("incremental", "incremental", "incremental", "full", "append"))
    deletes = random.choice(("ignore", "reconcile", "soft")) if sync == "incremental" else "ignore"
    rows = tuple(Insert(picks=dice.picks()) for _ in range(random.choice((0, 1, 2, 5, 9))))
    return Plan(
        schema=dice.name(),
        table=dice.name(),
        to="".join(random.choices(("-", "_", "列", "ß", "Ab", "select", "0"), k=random.randint(0, 6))),
        identity=field().name,
        second=field(IN_KEYS) if random.random() < 0.5 else None,
        cursor=field().name,
        soft=field((TRUTH, MOMENT)) if deletes == "soft" else None,
        fields=tuple(field() for _ in range(random.randint(0, most))),
        sync=sync,
        deletes=deletes,
        bad_values=random.choice(("encode", "encode", "quarantine")),
        verify=random.choice(("none", "full")),
        first_load=random.choice(("slices", "whole")),
        steps=(rows, *(dice.changes(1, 5) for _ in range(random.randint(1, 3)))),
    )


def wide(width: int) -> Plan:
    """A table of so many columns in all, of every type in turn, with a few rows that change.

    Of very many columns only short ones: PostgreSQL's row has to fit into a page of 8 KB.
    """
    types = (
        TRAVELLING
        if width <= MOST_HASHED
        else tuple(BY_TYPE[name] for name in ("boolean", "smallint", "date", "integer"))
    )
    fields = tuple(
        Field(name=cut(f"{number} {PIECES[number % len(PIECES)]}"), row=types[number % len(types)])
        for number in range(width - 2)
    )
    keyed = width > 1
    return Plan(
        schema="wide", table=f"wide {width}", to="", identity="id", second=None, soft=None,
        fields=fields, cursor="at" if keyed else "", sync="incremental" if keyed else "full",
        deletes="reconcile" if 1 < width <= MOST_HASHED else "ignore",
        bad_values="encode", verify="full", first_load="whole",
        steps=(
            (Insert(picks=(1,)), Insert(picks=(2, 0, 3)), Insert(picks=(0,))),
            (Update(row=1, picks=(4, 1), each=1), Delete(row=0), Insert(picks=(5, 6, 7, 8))),
        ),
    )  # fmt: skip


def offered(columns: Sequence[str], before: Mapping[str, str]) -> dict[str, str]:
    """The ``rename`` that makes these columns BigQuery's: of each that it refuses, what is offered to the user.

    What was written ``before`` stays, where its column does.
    """
    renamed = {name: target for name, target in before.items() if name in columns}
    taken = {*columns, *before.values()}
    seen: set[str] = set()
    for name in columns:
        if name not in renamed and (column_names.refusal(name) or name.casefold() in seen):
            line = column_names.offer(name, taken)
            [renamed[name]] = yaml_tree.read(line, "offer", {}).value["rename"].values()
            taken.add(renamed[name])
        seen.add(renamed.get(name, name).casefold())
    return renamed


assert all(not key_carriage(Column(name="k", type=row.type, base_type=row.name), deterministic=True).refusal
           for row in IN_KEYS)  # fmt: skip
