"""MySQL's chapters of ``docs/types.md``, out of its table."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.adapters.mysql.choosing import ALLOWED
from floodmark.adapters.mysql.matrix.row import Edge, Row, Word
from floodmark.adapters.mysql.matrix.ways import Expression
from floodmark.adapters.mysql.matrix.whole import CHAPTERS
from floodmark.adapters.mysql.types import NO_KEY
from floodmark.adapters.source_types import bare, code

_HEAD = """
# MySQL and MariaDB

The same of MySQL 5.7 to 8 and MariaDB 10.4 to 11, tried on MariaDB 10.11
(`plugins/floodmark/adapters/mysql/matrix`). Values are the server's own texts, one line of CSV for each row, made in
the SELECT and taken apart by Arrow. A type that isn't here is refused by its name: exclude its column, or cast it in a
SELECT of your own.

- A text is read in utf8mb4, whatever its column's charset. What was stored wrongly (UTF-8 in a latin1 column) arrives
  as the server says it.
- Zero dates, days that no month has, and times beyond a day are bad values (`bad_values`), told by their own text.
- As a key: BigQuery compares texts byte by byte, finer than any collation. So two rows of the source never meet there;
  a key whose case is changed in place is a new one, and a reconcile takes the old one away.
- A row whose line is longer than the server's `max_allowed_packet` is refused by name; it never becomes NULL.

| way | expression |
| --- | --- |
"""
_WAYS = {
    Expression.AS_IS: "as it is",
    Expression.TEXT: "text",
    Expression.NUMBER: "number",
    Expression.DOUBLE: "double",
    Expression.HEX: "hex",
}
_KEYS = """
## What is no key of MySQL's

| type | why |
| --- | --- |
"""
_CHOSEN = """
## Chosen types of MySQL's

| the source's type | may be |
| --- | --- |
"""


def text() -> str:
    """The chapters."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    for expression, name in _WAYS.items():
        yield f"| {name} | {code(expression.format('x'), whole=True)} |\n"
    for title, rows in CHAPTERS:
        yield f"\n## {title} of MySQL's\n\n"
        yield "| type | selected | Arrow | in raw | in current | values at its edges |\n"
        yield "| --- | --- | --- | --- | --- | --- |\n"
        for row in rows:
            yield _row(row)
    yield _KEYS
    for name, why in NO_KEY.items():
        yield f"| {code(name)} | {why} |\n"
    yield _CHOSEN
    for name, targets in ALLOWED.items():
        yield f"| {name} | {', '.join(targets)} |\n"


def _row(row: Row) -> str:
    way = row.carriage
    name = code(row.type) + "".join(f"<br>{one}" for one in (row.only, row.note) if one)
    edges = "<br>".join(_edge(edge) for edge in row.edges)
    cells = [name, _WAYS[Expression(way.expression)], way.arrow, way.landing, way.target, edges]
    return f"| {' | '.join(cells)} |\n"


def _edge(edge: Edge) -> str:
    told = f"{code(edge.written)}: *{edge.word}*"
    if edge.unheld:
        return f"{told} beside, {code(edge.unheld)}"
    arrives = "" if edge.arrives == bare(edge.written) else f" {code(edge.arrives or '')}"
    note = f" ({edge.note})" if edge.word is Word.TOLD and edge.note else ""
    return f"{told}{arrives}{note}"
