"""PostgreSQL's chapters of ``docs/types.md``, out of its table."""

from __future__ import annotations

from collections.abc import Iterator

from floodmark.adapters.postgres.choosing import of_pair
from floodmark.adapters.postgres.keys import key_carriage
from floodmark.adapters.postgres.matrix import chosen, extensions
from floodmark.adapters.postgres.matrix.deviations import DEVIATIONS
from floodmark.adapters.postgres.matrix.pairs import CHAPTERS as PAIRS_BY_KIND
from floodmark.adapters.postgres.matrix.pairs import Pair
from floodmark.adapters.postgres.matrix.row import Edge, Row, Word
from floodmark.adapters.postgres.matrix.ways import Expression
from floodmark.adapters.postgres.matrix.whole import CHAPTERS, KEYS
from floodmark.adapters.source_types import bare, code
from floodmark.core.carriage import Carriage
from floodmark.core.config.target_types import ROUND
from floodmark.core.schema import Column

_HEAD = """\
# How each type travels

Every type of PostgreSQL 12 to 18, from the source's SELECT to the table in BigQuery, with the values at its edges and
what becomes of them (R27, R30, R31 of [the guarantees](guarantees.md)). This page is written from the table that the
reads themselves go by (`plugins/floodmark/adapters/postgres/matrix`), by
`python -m floodmark.adapters.types_page > docs/types.md`; a test keeps it current. Another sends every value
below through the whole pipeline, holds raw and current against this page, and asks Google's own evaluator what the
merge makes of what was staged: `tests/pipeline/test_types.py`. A type that isn't here, of an extension or of one's own,
travels as PostgreSQL's own text.

| word | what becomes of the value |
| --- | --- |
"""
_AFTER = """
NULL arrives as NULL in every type.

**As a key**: *yes*: as in any other column; *one text*: in a text of its own, so that what PostgreSQL holds for equal
is equal in BigQuery; *no*: refused with the remedy, since equal values have several texts and BigQuery compares texts.

## How a column is selected

Text of a type is made by its output function, as `COPY` makes it, and never by a cast that somebody may have defined
anew (`CREATE CAST … WITH FUNCTION`). The casts that are left are PostgreSQL's own, which nobody can take away.
`x` stands for the column.

| way | expression |
| --- | --- |
"""
_MEANINGS = {
    Word.EXACT: "current holds the same value",
    Word.ENCODED: "current holds it in another form, from which it can be had back. *Beside*: the column is NULL, and "
    "PostgreSQL's own text stands in `_floodmark_unheld`",
    Word.QUARANTINED: "its row is held out, by name and number. So is every value that is *encoded* beside under "
    "`bad_values: quarantine`, and where it stands in the key, the cursor or the partitioning column",
    Word.REFUSED: "somebody is told before anything is loaded. Under `bad_values: fail` so is every value that is "
    "*encoded* beside",
    Word.TOLD: "it arrives with a difference, which this page names",
}
_WAYS = {
    Expression.AS_IS: "as it is",
    Expression.TEXT: "own text",
    Expression.CAST: "text",
    Expression.BIGINT: "number",
    Expression.XID: "xid",
    Expression.CID: "cid",
    Expression.MONEY: "money",
    Expression.NUMERIC: "digits",
    Expression.UUID: "UUID",
    Expression.JSONB: "document",
    Expression.JSON: "JSON object",
    Expression.ARRAY: "JSON array",
    Expression.ELEMENTS: "JSON array of texts",
}
_KEYS = """
## As a key

What as a key becomes another than in any other column:

| type | values |
| --- | --- |
"""
_DEVIATIONS = """
## Where the local BigQuery server is another

Tests and demo run against a server on this machine. Where it treats values otherwise than the real one:

| the local server | BigQuery | what is done |
| --- | --- | --- |
"""
_CHOSEN = """
## Chosen types

`types` gives a column another type in BigQuery than its own: `{price: NUMERIC, payload: JSON, tags: "ARRAY<STRING>"}`,
by column, by glob or by the source's type ([configuration.md](configuration.md)). What isn't listed is refused by
`check --online`, and by the run before anything is read, with what is allowed.

The source's SELECT says which values don't fit. Such a value is a bad one (`bad_values`, R31): under `encode` it is
NULL, or an empty array, and PostgreSQL's own text of it stands in `_floodmark_unheld`. It is never rounded, but for the
numbers in a `{JSON: round}`. What always fits lands in raw as it does by itself, so that raw stays as it was.

- A key may be of a chosen type in which equal values are equal and others aren't: STRING (of a type with one text),
  INT64, NUMERIC and BIGNUMERIC. The column that partitions the target, and the one that marks deleted rows, keep their
  own.
- FLOAT64 is refused where it would round: for `int8` and `numeric`.
- PARSE_JSON takes a number that comes out as it went in. About one of 300 doubles of 17 digits doesn't, since the text
  that BigQuery writes of it isn't the shortest one: it is a bad value, too. `{JSON: round}` takes all up to 1e300.
- Of a JSON column a reconcile and the daily balance compare only whether it holds a value, and `prove` names it: the
  two ends have no text of a document in common. `verify`, and the balance of tables that are read whole or appended to,
  compare what it holds with raw. Arrays are compared like any other column.
- Another type for a column that stands in the target is refused with the command that makes the target anew, unless it
  can stay or be widened.

| the source's type | may be |
| --- | --- |
"""
_PAIRS = """
| type | chosen | in raw | converted by | values at its edges |
| --- | --- | --- | --- | --- |
"""


def text() -> str:
    """The page."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    for word, meaning in _MEANINGS.items():
        yield f"| *{word}* | {meaning} |\n"
    yield _AFTER
    for expression, name in _WAYS.items():
        yield f"| {name} | {code(expression.format('x'), whole=True)} |\n"
    for title, rows in CHAPTERS:
        yield f"\n## {title}\n\n"
        if rows is extensions.ROWS:
            yield f"{extensions.WORDS}\n"
        yield "| type | selected | Arrow | in raw | in current | as a key | values at its edges |\n"
        yield "| --- | --- | --- | --- | --- | --- | --- |\n"
        for row in rows:
            yield _row(row)
    yield _KEYS
    for type_, edges in KEYS.items():
        yield f"| {code(type_)} | {'<br>'.join(_edge(edge) for edge in edges)} |\n"
    yield _CHOSEN
    for bases, targets in allowed_by_type():
        yield f"| {', '.join(map(code, bases))} | {', '.join(map(code, targets))} |\n"
    yield _PAIRS
    for _, pairs in PAIRS_BY_KIND:
        for pair in pairs:
            yield _pair(pair)
    yield _DEVIATIONS
    for one in DEVIATIONS:
        yield f"| {one.local} | {one.real} | {one.done} |\n"


def _row(row: Row) -> str:
    way = row.carriage
    name = code(row.type) + (f"<br>{row.note}" if row.note else "")
    if row.since > 12:
        name += f"<br>since PostgreSQL {row.since}"
    if way.refusal:
        cells = [name, "refused", "", "", "", "no"]
    else:
        cells = [name, _WAYS[Expression(way.expression)], way.arrow, way.landing, way.target, _key(row)]
    return f"| {' | '.join([*cells, '<br>'.join(_edge(edge) for edge in row.edges) or 'no value can be written'])} |\n"


def allowed_by_type() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Types that may be the same ones, and which; any type may be STRING."""
    targets: dict[str, tuple[str, ...]] = {}
    for base, target in chosen.ALLOWED:
        targets[base] = (*targets.get(base, ()), target)
    bases: dict[tuple[str, ...], tuple[str, ...]] = {("STRING",): ("any type",)}
    for base, allowed in targets.items():
        bases[allowed] = (*bases.get(allowed, ()), base)
    return [(types, allowed) for allowed, types in bases.items()]


def _pair(pair: Pair) -> str:
    way = of_pair(pair).carriage
    told = f"{{JSON: {ROUND}}}" if isinstance(pair.chosen, dict) else str(pair.chosen)
    zone = f"<br>`timezone: {pair.timezone}`" if pair.timezone != "UTC" else ""
    note = f"<br>{pair.note}" if pair.note else ""
    converted = "" if way.convert == "{col}" else code(way.convert.format(col="x"), whole=True)
    edges = "<br>".join(_edge(edge) for edge in pair.edges)
    cells = [f"{code(pair.type)}{zone}", f"{code(told)}{note}", way.landing, converted, edges]
    return f"| {' | '.join(cells)} |\n"


def _key(row: Row) -> str:
    key = key_of(row)
    if key.refusal:
        return "no"
    return "yes" if key == row.carriage else "one text"


def key_of(row: Row) -> Carriage:
    """How such a column travels as a part of the key, its collation being deterministic."""
    column = Column(
        name="x",
        type=row.type,
        base_type=row.name,
        kind=row.kind,
        modifier=row.modifier,
        array=row.array,
        carriage=row.carriage,
    )
    return key_carriage(column, deterministic=True)


def _edge(edge: Edge) -> str:
    told = f"{code(edge.written)}: *{edge.word}*"
    if edge.unheld:
        return f"{told} beside, {code(edge.unheld)}"
    if edge.word in (Word.REFUSED, Word.QUARANTINED):
        return f"{told} ({edge.note})" if edge.note else told
    since = f", since PostgreSQL {edge.since}" if edge.since > 12 else ""
    note = f" ({edge.note})" if edge.note else ""
    arrives = "" if edge.arrives == bare(edge.written) else f" {code(edge.arrives or '')}"
    return f"{told}{arrives}{since}{note}"
