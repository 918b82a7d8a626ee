"""A type that is chosen for a column (``types``): each pair that is allowed, through the whole pipeline (R27, R31).

One table is as wide as the list of pairs is long: row ``n`` has each one's ``n``-th value, row 0 is NULL throughout.
What the local BigQuery server does wrong is in ``remote``, which is staged only; Google's own evaluator says of all of
it what the merge makes of what was staged.
"""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from floodmark.adapters.postgres.choosing import of_pair
from floodmark.adapters.postgres.matrix.pairs import PAIRS, Pair
from floodmark.core.ledger.portion import Kind
from floodmark.core.schema import Carried
from floodmark.demo.servers.all import GoogleServers, PostgresServer
from floodmark.pipeline.extract import extract
from floodmark.pipeline.table_run import Request
from tests.conftest import new_datasets
from tests.core.bigquery.analyzer import google_s_analyzer
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts
from tests.pipeline.test_types import LITERALS, shown

LOCAL = [pair for pair in PAIRS if all(edge.local for edge in pair.edges)]
REMOTE = [pair for pair in PAIRS if pair not in LOCAL]
NAMES = {id(pair): f"c{place:03}" for place, pair in enumerate(PAIRS)}
ZONES = sorted({pair.timezone for pair in PAIRS})
AT = "'2026-11-01T00:10Z'"


def name_of(pair: Pair) -> str:
    return f"{pair.type}-{json.dumps(pair.chosen)}"


@dataclass(frozen=True, kw_only=True)
class Travelled:
    """What became of all values, by number of the row: in current, and by Google's evaluator."""

    current: dict[int, dict[str, Any]]
    unheld: dict[int, dict[str, str]]
    googles: dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def place(postgres: PostgresServer, google: GoogleServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with a table of all pairs for each zone, and one of those that the local server can't hold."""
    database = postgres.create_database("t_" + uuid.uuid4().hex[:12])
    bucket = "b-" + uuid.uuid4().hex[:12]
    google.storage_client().create_bucket(bucket)
    with new_datasets(google, "d_" + uuid.uuid4().hex[:12]) as datasets:
        folder = tmp_path_factory.mktemp("chosen")
        world = World(database=database, datasets=datasets, google=google, bucket=bucket, folder=folder)
        world.sql(*dict.fromkeys(statement for pair in PAIRS for statement in pair.made))
        tables = {table: _configured(pairs) for table, pairs in _tables().items()}
        world.tables = yaml.safe_dump(tables, default_flow_style=True, width=1_000_000).strip()
        try:
            yield world
        finally:
            world.close()
    postgres.drop_database(database.dbname)


def _tables() -> dict[str, list[Pair]]:
    """The pairs of each table: those of a zone, those that go no further than the stage."""
    local = {f"zone{place}": [one for one in LOCAL if one.timezone == zone] for place, zone in enumerate(ZONES)}
    remote = {f"remote{place}": [one for one in REMOTE if one.timezone == zone] for place, zone in enumerate(ZONES)}
    return {table: pairs for table, pairs in (local | remote).items() if pairs}


def _configured(pairs: Sequence[Pair]) -> dict[str, Any]:
    chosen = {NAMES[id(pair)]: pair.chosen for pair in pairs}
    return {"cursor": "at", "verify": "full", "timezone": pairs[0].timezone, "types": chosen}


@pytest.fixture(scope="module")
def travelled(place: World) -> Travelled:
    current: dict[int, dict[str, Any]] = {}
    unheld: dict[int, dict[str, str]] = {}
    for table, pairs in _tables().items():
        _fill(place, table, pairs)
        if table.startswith("remote"):
            extract(place.table_run(table), Request(kind=Kind.SLICE, run_id=table, interval=hour(0)))
            continue
        place.run(table, hour(0))
        for number, beside, *values in _current(place, table, pairs):
            current.setdefault(number, {}).update(zip((NAMES[id(pair)] for pair in pairs), values, strict=True))
            unheld.setdefault(number, {}).update(json.loads(beside or "{}"))
    return Travelled(current=current, unheld=unheld, googles=_converted(place))


def _fill(world: World, table: str, pairs: Sequence[Pair]) -> None:
    """Make a table of these types, and fill it: row 0 with NULL, row n with each one's n-th edge value."""
    declared = ", ".join(f"{NAMES[id(pair)]} {pair.type}" for pair in pairs)
    rows = [f"CREATE TABLE {table} (id int PRIMARY KEY, at timestamptz NOT NULL, {declared})"]
    rows.append(f"INSERT INTO {table} VALUES (0, {AT})")
    for number in range(max(len(pair.edges) for pair in pairs)):
        having = [pair for pair in pairs if number < len(pair.edges)]
        names = ", ".join(NAMES[id(pair)] for pair in having)
        values = ", ".join(pair.edges[number].written for pair in having)
        rows.append(f"INSERT INTO {table} (id, at, {names}) VALUES ({number + 1}, {AT}, {values})")
    world.sql(*rows)


def _carried(world: World, table: str) -> dict[str, Carried]:
    head = world.head(table)
    read = head.open or head.last
    assert read is not None
    return {column.name: column for column in read.columns}


def _current(world: World, table: str, pairs: Sequence[Pair]) -> list[tuple[Any, ...]]:
    carried = _carried(world, table)
    names = [NAMES[id(pair)] for pair in pairs]
    targets = [carried[name].target for name in names]
    json_ = "IF({0} IS NULL, NULL, TO_JSON_STRING({0})) AS {0}"  # the client makes None of both NULLs
    told = ", ".join(json_.format(name) if carried[name].target == "JSON" else name for name in names)
    rows = world.current(table, f"id, _floodmark_unheld, {told}")
    return [
        (number, beside, *(_shown(value, target) for value, target in zip(values, targets, strict=True)))
        for number, beside, *values in rows
    ]


def _shown(value: Any, target: str) -> Any:
    """A value of the client's, as Google's evaluator is asked to write it."""
    if target == "JSON":
        return value if value is None else _sorted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return shown(value)


def _sorted(document: str) -> str:
    return json.dumps(json.loads(document), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _googles(value: str, target: str) -> str:
    if target.startswith("ARRAY"):
        listed = "LOWER(STRING_AGG(CAST(e AS STRING), ', ' ORDER BY o))" if "FLOAT" in target else (
            "STRING_AGG(CAST(e AS STRING), ', ' ORDER BY o)"
        )  # fmt: skip
        return f"(SELECT CONCAT('[', IFNULL({listed}, ''), ']') FROM UNNEST({value}) AS e WITH OFFSET AS o)"
    if target == "JSON":
        return f"TO_JSON_STRING({value})"
    return {"BYTES": f"TO_HEX({value})", "FLOAT64": value}.get(target, f"CAST({value} AS STRING)")


def _converted(world: World) -> dict[int, dict[str, Any]]:
    """What the statements of the merge make of what was staged, by Google's evaluator."""
    client = world.google.storage_client()
    columns = {name: column for table in _tables() for name, column in _carried(world, table).items()}
    converted: dict[int, dict[str, Any]] = {}
    with google_s_analyzer() as google_says:
        for blob in client.list_blobs(world.bucket):
            if not blob.name.endswith(".parquet"):
                continue
            for row in pq.read_table(io.BytesIO(blob.download_as_bytes())).to_pylist():
                for name in (one for one in row if one in NAMES.values()):
                    way, value = columns[name], row[name]
                    if value is None and not way.target.startswith("ARRAY"):
                        continue
                    landed = "CAST(NULL AS STRING)" if value is None else LITERALS[way.landing.partition("(")[0]](value)
                    [[found]] = google_says.rows(f"SELECT {_googles(way.convert.replace('{col}', landed), way.target)}")
                    converted.setdefault(row["id"], {})[name] = shown(found)
    return converted


@pytest.mark.slow
@pytest.mark.parametrize("pair", LOCAL, ids=name_of)
def test_a_chosen_type_holds_what_fits_and_has_the_rest_beside(travelled: Travelled, pair: Pair) -> None:
    name = NAMES[id(pair)]
    for number, edge in enumerate(pair.edges, start=1):
        assert travelled.current[number][name] == edge.arrives, edge.written
        assert travelled.unheld[number].get(name, "") == edge.unheld, edge.written


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_googles_evaluator_makes_of_what_was_staged_what_was_promised(travelled: Travelled, pair: Pair) -> None:
    for number, edge in enumerate(pair.edges, start=1):
        assert travelled.googles.get(number, {}).get(NAMES[id(pair)]) == edge.arrives, edge.written


@pytest.mark.slow
@pytest.mark.parametrize("table", _tables())
def test_the_catalog_gives_a_column_the_way_that_the_page_says(place: World, travelled: Travelled, table: str) -> None:
    assert travelled.current
    run = place.table_run(table)
    schema = run.ports.source.describe("public", table, choices=run.table.choices)
    for pair in _tables()[table]:
        assert schema.column(NAMES[id(pair)]).carriage == of_pair(pair).carriage, name_of(pair)


@pytest.mark.slow
def test_chosen_types_come_to_the_same_at_both_ends(place: World, travelled: Travelled) -> None:
    assert travelled.current
    for table in _tables():
        if table.startswith("zone"):
            last = place.head(table).last
            assert last is not None
            assert last.verified == "full"
            assert counts(compared(place, table)) == (0, 0, 0, 0)
