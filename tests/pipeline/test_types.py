"""Every type travels as its table says (R27): each edge value of each, through the whole pipeline, in one run.

Two tables are as wide as the table of types is long: row ``n`` has each type's ``n``-th edge value, row 0 is NULL
throughout. ``things`` goes all the way, ``checked`` is checked and compared at both ends as well; what the local
BigQuery server does wrong is in ``remote``, which is staged only. What was staged is converted by Google's own
evaluator too.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow.parquet as pq
import pytest

from floodmark.adapters.postgres.matrix.row import Edge, Row, Word
from floodmark.adapters.postgres.matrix.whole import ROWS
from floodmark.core.ledger.portion import Kind
from floodmark.core.schema import TableSchema
from floodmark.demo.servers.all import GoogleServers, PostgresServer
from floodmark.pipeline.extract import extract
from floodmark.pipeline.table_run import Request
from tests.conftest import new_datasets
from tests.core.bigquery.analyzer import google_s_analyzer
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts

pytestmark = pytest.mark.slow

CARRIED = [row for row in ROWS if not row.carriage.refusal]
LOCAL = [row for row in CARRIED if all(edge.local for edge in row.edges)]
COLUMNS = {f"c{place:03}": row for place, row in enumerate(CARRIED)}
NAMES = {id(row): name for name, row in COLUMNS.items()}
UNHELD = [(row, edge) for row in LOCAL for edge in row.edges if edge.unheld]
AT = "'2026-11-01T00:10Z'"
LITERALS: dict[str, Any] = {
    "STRING": lambda value: "SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX('" + value.encode().hex() + "'))",
    "INT64": str,
    "FLOAT64": lambda value: f"CAST('{value!r}' AS FLOAT64)",
    "NUMERIC": lambda value: f"NUMERIC '{value:f}'",
    "BIGNUMERIC": lambda value: f"BIGNUMERIC '{value:f}'",
    "BOOL": str,
    "BYTES": lambda value: f"FROM_HEX('{value.hex()}')",
    "DATE": lambda value: f"DATE '{value.isoformat()}'",
    "TIME": lambda value: f"TIME '{value.isoformat()}'",
    "TIMESTAMP": lambda value: f"TIMESTAMP '{value.isoformat(sep=' ')}'",
}
"""How a staged value is written in GoogleSQL, by its landing type."""


def _moment(value: datetime) -> str:
    moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return moment.isoformat(sep=" ") + ("+00" if value.tzinfo else "")


def _digits(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


WRITTEN: dict[type, Any] = {
    str: str,
    bool: lambda value: str(value).lower(),
    int: str,
    float: repr,
    bytes: bytes.hex,
    Decimal: _digits,
    datetime: _moment,
    date: date.isoformat,
    time: time.isoformat,
}
"""By a value's type in Python, the first that fits."""


@dataclass(frozen=True, kw_only=True)
class Travelled:
    """What became of all values: by table and number of the row, the values by column."""

    schema: TableSchema
    raw: dict[int, dict[str, Any]]
    current: dict[int, dict[str, Any]]
    googles: dict[int, dict[str, Any]]
    held_out: dict[int, dict[str, str]]
    left: int


@pytest.fixture(scope="module")
def place(postgres: PostgresServer, google: GoogleServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world in which all types are made."""
    database = postgres.create_database("t_" + uuid.uuid4().hex[:12])
    bucket = "b-" + uuid.uuid4().hex[:12]
    google.storage_client().create_bucket(bucket)
    with new_datasets(google, "d_" + uuid.uuid4().hex[:12]) as datasets:
        folder = tmp_path_factory.mktemp("types")
        world = World(database=database, datasets=datasets, google=google, bucket=bucket, folder=folder)
        made = dict.fromkeys(statement for row in CARRIED for statement in row.made)
        world.sql("CREATE CAST (bytea AS xml) WITHOUT FUNCTION", *made)  # this server was built without libxml
        world.tables = (
            "{things: {cursor: at}, remote: {cursor: at}, held: {cursor: at, bad_values: quarantine}, "
            "checked: {cursor: at, verify: full}, in_ndjson: {cursor: at, verify: full, format: ndjson}, "
            "in_csv: {cursor: at, verify: full, format: csv}}"
        )
        try:
            yield world
        finally:
            world.close()
    postgres.drop_database(database.dbname)


@pytest.fixture(scope="module")
def travelled(place: World) -> Travelled:
    world = place
    fill(world, "things", LOCAL)
    fill(world, "remote", [row for row in CARRIED if row not in LOCAL])
    world.run("things", hour(0))
    extract(world.table_run("remote"), Request(kind=Kind.SLICE, run_id="remote", interval=hour(0)))
    held_out = _held(world)
    run = world.table_run("things")
    return Travelled(
        schema=run.ports.source.describe("public", "things"),
        raw=_rows(world, f"{world.datasets.raw}.things"),
        current=_rows(world, f"{world.datasets.current}.things"),
        googles=_converted(world),
        held_out=held_out,
        left=len(world.current("held", "id")),
    )


def fill(world: World, table: str, rows: Sequence[Row]) -> None:
    """Make a table of these types, and fill it: row 0 with NULL, row n with each one's n-th edge value."""
    declared = ", ".join(f"{NAMES[id(row)]} {row.type}" for row in rows)
    world.sql(f"CREATE TABLE {table} (id int PRIMARY KEY, at timestamptz NOT NULL, {declared})")
    world.sql(f"INSERT INTO {table} VALUES (0, {AT})")
    for number in range(max(len(row.edges) for row in rows)):
        having = [row for row in rows if number < len(row.edges)]
        names = ", ".join(NAMES[id(row)] for row in having)
        values = ", ".join(row.edges[number].written for row in having)
        world.sql(f"INSERT INTO {table} (id, at, {names}) VALUES ({number + 1}, {AT}, {values})")


def _held(world: World) -> dict[int, dict[str, str]]:
    """What the quarantine says of a table whose rows have one value each that can't be held."""
    rows = list({id(row): row for row, _ in UNHELD}.values())
    declared = ", ".join(f"{NAMES[id(row)]} {row.type}" for row in rows)
    world.sql(f"CREATE TABLE held (id int PRIMARY KEY, at timestamptz NOT NULL, {declared})")
    for number, (row, edge) in enumerate(UNHELD):
        world.sql(f"INSERT INTO held (id, at, {NAMES[id(row)]}) VALUES ({number}, {AT}, {edge.written})")
    world.run("held", hour(0))
    client = world.google.storage_client()
    objects = [blob for blob in client.list_blobs(world.bucket) if blob.name.endswith(".quarantine.ndjson")]
    told = [json.loads(line) for blob in objects for line in blob.download_as_text().splitlines()]
    return {int(one["key"]["id"]): {value["column"]: value["value"] for value in one["values"]} for one in told}


def _rows(world: World, table: str) -> dict[int, dict[str, Any]]:
    rows = world.google.bigquery_client().query(f"SELECT * FROM `{table}`", location="EU").result()
    return {row["id"]: {name: shown(value) for name, value in row.items()} for row in rows}


def _converted(world: World) -> dict[int, dict[str, Any]]:
    """What the statements of the merge make of what was staged, by Google's evaluator."""
    client = world.google.storage_client()
    converted: dict[int, dict[str, Any]] = {}
    with google_s_analyzer() as google_says:
        for blob in client.list_blobs(world.bucket):
            if not blob.name.endswith(".parquet") or "/held/" in blob.name:
                continue
            for row in pq.read_table(io.BytesIO(blob.download_as_bytes())).to_pylist():
                names = [name for name in row if name in COLUMNS and row[name] is not None]
                if names:
                    [values] = google_says.rows("SELECT " + ", ".join(_expression(name, row[name]) for name in names))
                    converted.setdefault(row["id"], {}).update(zip(names, values, strict=True))
    return converted


def _expression(name: str, value: Any) -> str:
    way = COLUMNS[name].carriage
    landed = LITERALS[way.landing.partition("(")[0]](value)
    converted = way.convert.replace("{col}", landed)
    told = {"BYTES": "TO_HEX({})", "FLOAT64": "{}"}.get(way.target, "CAST({} AS STRING)")
    return told.format(converted)


def shown(value: Any) -> Any:
    """A value as GoogleSQL's CAST(... AS STRING) writes it; bytes in hex."""
    if value is None:
        return None
    return next(write for kind, write in WRITTEN.items() if isinstance(value, kind))(value)


def landed(row: Row, edge: Edge) -> str | None:
    """What raw is to hold."""
    if edge.landed is not None or edge.arrives is None:
        return edge.landed
    return edge.arrives + ("+00" if row.carriage.target == "DATETIME" else "")


@pytest.mark.parametrize("row", LOCAL, ids=lambda row: row.type)
def test_a_type_arrives_as_the_table_says(travelled: Travelled, row: Row) -> None:
    name = NAMES[id(row)]
    for number, edge in enumerate(row.edges, start=1):
        assert travelled.raw[number][name] == landed(row, edge), edge.written
        assert travelled.current[number][name] == edge.arrives, edge.written
        beside = json.loads(travelled.current[number]["_floodmark_unheld"] or "{}")
        assert beside.get(name, "") == edge.unheld, edge.written
    assert travelled.raw[0][name] is None
    assert travelled.current[0][name] is None


@pytest.mark.parametrize("row", CARRIED, ids=lambda row: row.type)
def test_googles_evaluator_makes_of_what_was_staged_what_the_table_says(travelled: Travelled, row: Row) -> None:
    for number, edge in enumerate(row.edges, start=1):
        value = travelled.googles.get(number, {}).get(NAMES[id(row)])
        assert shown(value) == edge.arrives, edge.written


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "format"), [("checked", "parquet"), ("in_ndjson", "ndjson"), ("in_csv", "csv")], ids=lambda value: value
)
def test_every_type_comes_to_the_same_at_both_ends_in_every_format(place: World, table: str, format: str) -> None:
    fill(place, table, LOCAL)
    place.run(table, hour(0))
    last = place.head(table).last
    assert last is not None
    assert last.manifest is not None
    assert (last.verified, last.manifest.format) == ("full", format)
    assert counts(compared(place, table)) == (0, 0, 0, 0)


def test_what_stands_beside_its_row_is_held_out_under_quarantine(travelled: Travelled) -> None:
    assert travelled.left == 0
    assert travelled.held_out == {number: {NAMES[id(row)]: edge.unheld} for number, (row, edge) in enumerate(UNHELD)}


@pytest.mark.parametrize("row", LOCAL, ids=lambda row: row.type)
def test_the_catalog_gives_a_column_the_way_that_the_table_says(travelled: Travelled, row: Row) -> None:
    column = travelled.schema.column(NAMES[id(row)])
    assert (column.base_type, column.kind, column.array, column.in_parts) == (
        row.name, row.kind, row.array, row.in_parts,
    )  # fmt: skip
    assert column.carriage == row.carriage
    assert row.modifier in (-1, column.modifier)


@pytest.mark.parametrize("row", [row for row in ROWS if row.carriage.refusal], ids=lambda row: row.type)
def test_what_has_no_values_of_its_own_is_refused(row: Row) -> None:
    assert {edge.word for edge in row.edges} == {Word.REFUSED}
