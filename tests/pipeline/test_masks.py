"""What stands in the place of values that must not travel: the same in every statement that leaves the source."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

import pytest

from floodmark.core.ledger.portion import Kind
from floodmark.errors import ConfigurationError, SettingChanged
from floodmark.pipeline.extract import extract
from floodmark.pipeline.load import load
from floodmark.pipeline.table_run import Request
from tests.pipeline.conftest import World, hour
from tests.pipeline.reconciling import compared, counts, healed

pytestmark = pytest.mark.slow

KEY = "a key of more than sixteen characters"
LONG = "another key, of sixty-four bytes and some more, so that it is hashed first, as RFC 2104 says"
TABLE = (
    "CREATE TABLE people (id bigint PRIMARY KEY, email text, phone text, name text, ssn text, card numeric(20, 0), "
    "tags text[], note text, updated_at timestamptz NOT NULL)"
)
MASKS = "{email: sha256, phone: redact, name: {truncate: 3}, ssn: 'null', card: {hmac: pii_key}, tags: sha256}"
ROWS = (
    "INSERT INTO people SELECT g, 'p' || g || '@x.org', '+49 ' || g, 'Ångström' || g, 'SSN' || g, 4000 + g, "
    "ARRAY['t' || g], 'n', '2026-11-01T00:10Z' FROM generate_series(1, 3) g",
    "INSERT INTO people (id, updated_at) VALUES (4, '2026-11-01T00:10Z')",
)


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def keyed(text: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


def masked(number: int, key: str = KEY) -> tuple[Any, ...]:
    return (
        number, hashed(f"p{number}@x.org"), "redacted", "Ång", None, keyed(f"{4000 + number}", key),
        hashed(f'["t{number}"]'), "n",
    )  # fmt: skip


COLUMNS = "id, email, phone, name, ssn, card, tags, note"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PII_KEY", f"generic://:{KEY.replace(' ', '%20')}@")


@pytest.fixture
def people(world: World, key: None) -> World:
    world.tables = f"{{people: {{mask: {MASKS}}}}}"
    world.sql(TABLE, *ROWS)
    return world


def test_each_mask_is_what_it_says_and_null_stays_null(people: World) -> None:
    people.run("people", hour(0))
    expected = [*map(masked, (1, 2, 3)), (4, *(None,) * 7)]
    assert people.current("people", COLUMNS) == expected
    assert people.raw("people", COLUMNS) == expected


def test_both_ends_of_a_comparison_are_masked_alike(people: World) -> None:
    people.tables = people.tables.replace("mask:", "deletes: reconcile, mask:")
    people.run("people", hour(0))
    assert counts(compared(people, "people")) == (0, 0, 0, 0)


def test_a_masked_key_finds_its_row_and_what_is_gone(world: World, key: None) -> None:
    masks = "mask: {email: {hmac: pii_key}, code: sha256}"
    world.tables = f"{{users: {{key: [email, code], {masks}, where: alive, deletes: reconcile}}}}"
    world.sql(
        "CREATE TABLE users (email text, alive boolean, n int, updated_at timestamptz NOT NULL, code bigint, "
        "PRIMARY KEY (email, code))",
        "INSERT INTO users SELECT 'u' || g, true, g, '2026-11-01T00:10Z', g FROM generate_series(1, 5) g",
    )
    world.run("users", hour(0))
    world.sql(
        "UPDATE users SET n = 10, updated_at = '2026-11-01T01:10Z' WHERE email = 'u1'",
        "UPDATE users SET alive = false, updated_at = '2026-11-01T01:10Z' WHERE email = 'u2'",
        "DELETE FROM users WHERE email = 'u3'",
    )
    world.run("users", hour(1))
    rest = {(keyed("u1"), 10), (keyed("u3"), 3), (keyed("u4"), 4), (keyed("u5"), 5)}
    assert set(world.current("users", "email, n")) == rest
    assert counts(healed(world, "users")) == (0, 0, 1, 0)
    assert set(world.current("users", "email, n")) == rest - {(keyed("u3"), 3)}


def test_a_column_that_is_masked_later_leaves_both_tables_first(people: World) -> None:
    people.tables = "{people: {mask: {email: redact}}}"
    people.run("people", hour(0))
    people.tables = f"{{people: {{mask: {MASKS}}}}}"
    people.run("people", hour(1))
    assert people.current("people", COLUMNS)[:3] == [*map(masked, (1, 2, 3))]
    last = people.head("people").last
    assert last is not None
    assert last.removed == ("email", "phone", "name", "ssn", "card", "tags")
    raw = str(people.raw("people"))
    assert [word for word in ("Ångström", "SSN1", "4001", "+49") if word in raw] == []


def test_another_key_of_a_mask_reads_the_table_whole(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people.run("people", hour(0))
    monkeypatch.setenv("AIRFLOW_CONN_PII_KEY", f"generic://:{LONG.replace(' ', '%20')}@")
    people.run("people", hour(1))
    assert people.current("people", COLUMNS)[:3] == [masked(number, LONG) for number in (1, 2, 3)]
    last = people.head("people").last
    assert last is not None
    assert last.portion.anew.startswith("the key of a mask: pii_key ")
    people.run("people", hour(2))
    again = people.head("people").last
    assert again is not None
    assert again.kind is Kind.SLICE


def test_a_key_column_that_is_masked_later_needs_both_tables_made_anew(world: World) -> None:
    world.tables = "{orders: {key: note}}"
    world.sql("ALTER TABLE orders ALTER note SET NOT NULL", "CREATE UNIQUE INDEX ON orders (note)")
    world.sql("INSERT INTO orders VALUES (1, 'clear', 1, '2026-11-01T00:10Z')")
    world.run("orders", hour(0))
    world.tables = "{orders: {key: note, mask: {note: sha256}}}"
    with pytest.raises(SettingChanged, match=r'mask of "note": none -> sha256: .* reload --anew'):
        world.run("orders", hour(1))
    request = Request(kind=Kind.RELOAD, run_id="anew", anew=True)
    read = extract(world.table_run("orders"), request)
    load(world.table_run("orders"), read.read_at)
    assert world.current("orders", "note") == world.raw("orders", "note") == [(hashed("clear"),)]


def test_a_masked_key_is_read_in_one_so_that_no_bound_of_a_part_is_written_down(world: World) -> None:
    world.tables = "{orders: {key: note, mask: {note: sha256}, first_load: whole, first_load_rows: 1}}"
    world.sql("ALTER TABLE orders ALTER note SET NOT NULL", "CREATE UNIQUE INDEX ON orders (note)")
    world.sql("INSERT INTO orders SELECT g, 'clear' || g, 1, '2026-11-01T00:10Z' FROM generate_series(1, 3) g")
    world.run("orders", hour(0))
    last = world.head("orders").last
    assert last is not None
    assert last.kind is Kind.FIRST
    assert len(world.current("orders")) == 3


def test_a_key_that_is_missing_or_too_short_is_a_clear_error(people: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PII_KEY", "generic://:short@")
    with pytest.raises(ConfigurationError, match="connection pii_key: holds too short a key for a mask"):
        people.run("people", hour(0))
    monkeypatch.delenv("AIRFLOW_CONN_PII_KEY")
    with pytest.raises(ConfigurationError, match=r"AIRFLOW_CONN_PII_KEY: .*holds the key of a mask"):
        people.run("people", hour(0))


def test_a_column_that_was_masked_never_travels_for_being_renamed(people: World) -> None:
    people.tables = "{people: {mask: {email: sha256}}}"
    people.run("people", hour(0))
    people.sql("ALTER TABLE people RENAME email TO contact")
    people.tables = "{people: {mask: {ssn: sha256}}}"
    with pytest.raises(ConfigurationError, match='"contact" is the one that was masked as "email"'):
        people.run("people", hour(1))
    people.tables = "{people: {mask: {contact: clear}}}"
    people.run("people", hour(1))
    assert people.current("people", "id, contact")[0] == (1, "p1@x.org")


def test_what_is_read_and_what_arrived_have_one_checksum_and_an_own_select_is_masked_too(people: World) -> None:
    keys = "verify: full, sql: people.sql, key: id, bad_values: encode"
    people.tables = people.tables.replace("mask: {", f"{keys}, mask: {{louder: sha256, ")
    own = "SELECT *, email || '!' AS louder FROM people"
    people.run("people", hour(0), own_select=lambda: own)
    assert people.current("people", "id, louder")[:2] == [(1, hashed("p1@x.org!")), (2, hashed("p2@x.org!"))]
    assert people.current("people", COLUMNS)[:3] == [*map(masked, (1, 2, 3))]
    last = people.head("people").last
    assert last is not None
    assert last.verified


def test_a_mask_is_of_what_the_types_output_says_whatever_somebodys_cast_makes_of_it(world: World) -> None:
    world.tables = "{moods: {mask: {mood: sha256, number: {truncate: 2}, seen: redact, pair: sha256}}}"
    world.sql(
        "CREATE TYPE mood AS ENUM ('ok')",
        "CREATE TYPE pair AS (a int, b text)",
        *(
            f"CREATE FUNCTION lie({type_}) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'lie' $$; "
            f"CREATE CAST ({type_} AS text) WITH FUNCTION lie({type_}) AS ASSIGNMENT"
            for type_ in ("mood", "int4", "timestamptz")
        ),
        "CREATE TABLE moods (id bigint PRIMARY KEY, mood mood, number int, seen timestamptz, pair pair, "
        "updated_at timestamptz NOT NULL)",
        "INSERT INTO moods VALUES (1, 'ok', 1234, '2026-11-01Z', (NULL, NULL), '2026-11-01T00:10Z'), "
        "(2, NULL, NULL, NULL, NULL, '2026-11-01T00:10Z')",
    )
    world.run("moods", hour(0))
    assert world.current("moods", "id, mood, number, seen, pair") == [
        (1, hashed("ok"), "12", "redacted", hashed('{"a":null,"b":null}')), (2, None, None, None, None)
    ]  # fmt: skip
