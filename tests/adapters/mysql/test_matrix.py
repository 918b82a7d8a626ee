"""Every type of MySQL's lands as its table says (R27): each edge value of each, read from a real server."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from floodmark.adapters.connections.mysql import fields
from floodmark.adapters.mysql.connect import connected, is_mariadb
from floodmark.adapters.mysql.matrix.row import Edge, Row
from floodmark.adapters.mysql.matrix.whole import ROWS
from floodmark.adapters.mysql.source import MySQLSource
from floodmark.core.ports import Selection
from floodmark.demo.servers.mariadb import MySQLDatabase

READ_AT = datetime(2026, 11, 1, tzinfo=UTC)
LOOSE = "SET sql_mode = 'ALLOW_INVALID_DATES,NO_BACKSLASH_ESCAPES', time_zone = '+00:00'"


def shown(value: Any) -> str | None:
    """A landed value as the table writes it."""
    match value:
        case None:
            return None
        case bytes():
            return value.hex()
        case float():
            return repr(value)
        case Decimal():
            text = f"{value:f}"
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ") + "+00"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def landed(row: Row, edge: Edge) -> str | None:
    """What raw is to hold."""
    if edge.landed is not None or edge.arrives is None:
        return edge.landed
    return edge.arrives + ("+00" if row.carriage.target == "DATETIME" else "")


def of_this_server(database: MySQLDatabase) -> list[Row]:
    """The rows with values, of the product that is tested."""
    with connected(
        fields(host=database.host, port=database.port, login=database.user, password=database.password)
    ) as c:
        product = "MariaDB" if is_mariadb(c) else "MySQL"
    return [row for row in ROWS if row.edges and row.only in ("", product)]


def read(database: MySQLDatabase, table: str, columns: tuple[str, ...], **more: Any) -> list[dict[str, Any]]:
    """A table's rows as they are staged, by its key."""
    given = fields(
        host=database.host, port=database.port, login=database.user, password=database.password, schema=database.dbname
    )
    source = MySQLSource(given, uuid.uuid4())
    selection = Selection(schema="public", name=table, key=("id",), cursor=(), columns=("id", *columns), **more)
    with source.open(selection) as reading:
        found = [row for batch in reading.rows(None, READ_AT) for row in batch.to_pylist()]
    return sorted(found, key=lambda row: row["id"])


@pytest.fixture
def things(mysql_database: MySQLDatabase) -> tuple[dict[str, Row], list[dict[str, Any]]]:
    """One table as wide as the table of types is long: row ``n`` has each type's ``n``-th edge value, row 0 is NULL."""
    rows = {f"c{place:02}": row for place, row in enumerate(of_this_server(mysql_database))}
    declared = ", ".join(f"{name} {row.type} {'NULL' if 'null' not in row.type else ''}" for name, row in rows.items())
    statements = [LOOSE, f"CREATE TABLE things (id int PRIMARY KEY, {declared}) CHARACTER SET utf8mb4"]
    statements.append("INSERT INTO things (id) VALUES (0)")
    for number in range(max(len(row.edges) for row in rows.values())):
        having = {name: row.edges[number].written for name, row in rows.items() if number < len(row.edges)}
        names, values = ", ".join(having), ", ".join(having.values())
        statements.append(f"INSERT INTO things (id, {names}) VALUES ({number + 1}, {values})")
    mysql_database.sql(*statements)
    return rows, read(mysql_database, "things", tuple(rows))


def test_every_edge_of_every_type_lands_as_the_table_says(
    things: tuple[dict[str, Row], list[dict[str, Any]]],
) -> None:
    rows, found = things
    for name, row in rows.items():
        assert found[0][name] is None, row.type
        for number, edge in enumerate(row.edges, start=1):
            assert shown(found[number][name]) == landed(row, edge), (row.type, edge.written)
            beside = json.loads(found[number]["_floodmark_unheld"] or "{}")
            assert beside.get(name, "") == edge.unheld, (row.type, edge.written)


def test_a_type_that_nobody_here_knows_is_refused_by_its_name() -> None:
    from floodmark.adapters.mysql.types import Declared, carriage

    assert "hologram(3)" in carriage(Declared(data_type="hologram", column_type="hologram(3)")).refusal


def test_texts_of_several_collations_and_of_16_mib_are_one_row_or_an_error(mysql_database: MySQLDatabase) -> None:
    mysql_database.sql(
        "CREATE TABLE t (id int PRIMARY KEY, a varchar(9) CHARACTER SET latin1, b varchar(9) COLLATE utf8mb4_bin, "
        "c longtext)",
        "INSERT INTO t VALUES (1, 'é', '😀', REPEAT('x', 1000000))",
    )
    [row] = read(mysql_database, "t", ("a", "b", "c"))
    assert (row["a"], row["b"], len(row["c"])) == ("é", "😀", 1000000)


def test_a_row_longer_than_a_packet_is_refused_and_never_null(mysql_database: MySQLDatabase) -> None:
    from floodmark.errors import SourceRefused

    mysql_database.sql("CREATE TABLE t (id int PRIMARY KEY, c longtext)", "INSERT INTO t VALUES (1, 'x'), (2, 'y')")
    [(packet,)] = mysql_database.sql("SELECT @@max_allowed_packet")
    for _ in range(2):
        mysql_database.sql(f"UPDATE t SET c = REPEAT('x', {packet // 2}) WHERE id = 2")
    mysql_database.sql("ALTER TABLE t ADD d longtext", "UPDATE t SET d = c")
    with pytest.raises(SourceRefused, match="max_allowed_packet"):
        read(mysql_database, "t", ("c", "d"))


def test_invisible_and_generated_columns_are_read_by_their_names(mysql_database: MySQLDatabase) -> None:
    mysql_database.sql(
        "CREATE TABLE t (id int PRIMARY KEY, a int INVISIBLE DEFAULT 7, b int AS (id + 1) VIRTUAL, "
        "c int AS (id + 2) STORED)",
        "INSERT INTO t (id) VALUES (1)",
    )
    [row] = read(mysql_database, "t", ("a", "b", "c"))
    assert (row["a"], row["b"], row["c"]) == (7, 2, 3)
