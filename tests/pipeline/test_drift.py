"""Each row of the drift table through the whole pipeline: current is the source, or it is said what differs (R32)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2.errors
import pytest

from floodmark.core.balance import Depth
from floodmark.core.ledger.portion import Kind
from floodmark.core.resolve.table import resolve
from floodmark.demo.servers.all import GoogleServers, PostgresServer
from floodmark.errors import FloodmarkError, Unbalanced
from floodmark.pipeline.balance import balance
from floodmark.pipeline.reports.prove import prove
from floodmark.pipeline.reports.status import status
from floodmark.pipeline.selection import selection
from tests.conftest import new_datasets
from tests.pipeline import drift_page
from tests.pipeline.conftest import World, hour
from tests.pipeline.drift_table import DIFFER, DRIFTS, RUN, Drift, Word
from tests.pipeline.reconciling import healed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schema-changes.md"
TRIED = [row for row in DRIFTS if not row.held_by]
NAMES = {id(row): f"d{number:02}" for number, row in enumerate(DRIFTS)}


def rows(drifts: list[Drift]) -> list[Any]:
    return [pytest.param(row, id=row.what, marks=() if row.often else [pytest.mark.slow]) for row in drifts]


@pytest.fixture(scope="module")
def place(postgres: PostgresServer, google: GoogleServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One database and one pair of datasets for all rows, each with a table of its own."""
    database = postgres.create_database("t_" + uuid.uuid4().hex[:12])
    bucket = "b-" + uuid.uuid4().hex[:12]
    google.storage_client().create_bucket(bucket)
    with new_datasets(google, "d_" + uuid.uuid4().hex[:12]) as datasets:
        folder = tmp_path_factory.mktemp("drift")
        world = World(database=database, datasets=datasets, google=google, bucket=bucket, folder=folder)
        try:
            yield world
        finally:
            world.close()
    postgres.drop_database(database.dbname)


def made(world: World, row: Drift) -> str:
    """The row's table, with what the file says of it."""
    name = NAMES[id(row)]
    write(world, row, row.options)
    world.sql(*(statement.format(t=name) for statement in row.made))
    return name


def write(world: World, row: Drift, options: str) -> None:
    known = [] if "cursor" in options else ["cursor: at"]
    world.tables = f"{{{NAMES[id(row)]}: {{{', '.join(filter(None, [*known, 'recheck: 0', options]))}}}}}"


def change(world: World, row: Drift, name: str) -> int:
    """Make it; how many runs there were on the way."""
    runs = 1
    for statement in row.change:
        if statement == RUN:
            world.run(name, hour(runs))
            runs += 1
        else:
            world.sql(statement.format(t=name))
    if row.after is not None:
        write(world, row, row.after)
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("row", rows(TRIED))
def test_a_change_between_runs(place: World, row: Drift) -> None:
    name = made(place, row)
    place.run(name, hour(0))
    number = change(place, row, name)
    if row.word is Word.REFUSED:
        with pytest.raises(FloodmarkError) as refused:
            place.run(name, hour(number))
        assert row.says in str(refused.value)
        assert place.head(name).open is None
        return
    place.sql(row.more.format(t=name))
    place.run(name, hour(number))
    last = place.head(name).last
    assert last is not None
    assert (last.kind is Kind.RELOAD) == row.whole
    if row.says:
        assert row.says in said(place, name, compared=row.says == DIFFER)
    if row.heals:
        assert differs(place, row, name)
        heal(place, row, name)
    assert differs(place, row, name) == ""


def said(world: World, name: str, *, compared: bool) -> str:
    """All that is told of a table: by its last read, by status, by prove, and by the day's balance."""
    run = world.table_run(name)
    ledger = run.ports.ledger
    [proof] = prove(run.config, [run.table], ledger)
    [state] = status(run.config, ledger, hour(9).low)
    last = ledger.head(run.target).last
    assert last is not None
    found: object = ""
    try:
        if compared:
            found = balance(world.table_run(name), Depth.ROWS, everything=True).balance
    except Unbalanced as error:
        found = error
    return "\n".join(map(str, (*last.reasons, *last.leftovers, *proof.doubts, *state.reasons, found)))


def heal(world: World, row: Drift, name: str) -> None:
    if row.heals == "reload":
        world.run(name, None, Kind.RELOAD)
    else:
        healed(world, name)


def differs(world: World, row: Drift, name: str) -> str:
    """How current differs from the source, by the source's own texts; empty where it doesn't."""
    found = world.source(
        "SELECT attname, typtype FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid "
        f"WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
    )
    columns = [column for column, _ in found if column not in row.unread]
    read = ", ".join(f'to_json("{one}")' if kind == "c" else f'"{one}"' for one, kind in found if one not in row.unread)
    target = dict(row.named)
    source = {json.dumps(plain(one)) for one in world.source(f"SELECT {read} FROM {name}")}
    names = ", ".join(f"`{target.get(one, one)}`" for one in columns)
    current = {json.dumps(plain(one)) for one in world.current(name, names)}
    return "" if source == current else f"source: {sorted(source - current)}, current: {sorted(current - source)}"


def plain(row: tuple[Any, ...]) -> list[Any]:
    return [_plain(value) for value in row]


def _plain(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    if isinstance(value, (list, dict, bool)) or value is None:
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat().replace("+00:00", "")
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


@pytest.mark.parametrize("row", rows(TRIED))
def test_a_change_in_the_middle_of_a_read(place: World, row: Drift) -> None:
    name = f"m{NAMES[id(row)]}"
    cursor_of = "updated_at" if "cursor" in row.options else "at"
    place.tables = f"{{{name}: {{key: id, cursor: {cursor_of}}}}}"
    place.sql(*(statement.format(t=name) for statement in row.made))
    run = place.table_run(name)
    schema = run.ports.source.describe("public", name)
    chosen = selection(run, resolve(run.table, schema, "shop.yml"))
    waited = 0
    with run.ports.source.open(chosen), place.connect() as other, other.cursor() as cursor:
        cursor.execute("SET lock_timeout = '30ms'")
        for statement in row.change:
            if statement == RUN:
                continue
            try:
                cursor.execute(statement.format(t=name))
            except psycopg2.errors.LockNotAvailable:
                waited += 1
                break
    assert bool(waited) is not row.through


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == drift_page.text()


def test_a_row_that_is_held_elsewhere_names_a_test_that_exists() -> None:
    for row in DRIFTS:
        if row.held_by:
            path, _, test = row.held_by.partition("::")
            assert f"def {test}(" in (PAGE.parents[1] / path).read_text(encoding="utf-8")
