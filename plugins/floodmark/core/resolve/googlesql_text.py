"""What a user writes in GoogleSQL, judged before it is asked: one query, the tables that it reads, its parameters."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from floodmark.core.refused import Refused
from floodmark.core.resolve.airflow_templates import refuse_template

_PARAMETERS = "write @start and @end for the bounds in {which}, without quotes: a build binds both, as TIMESTAMP"
_QUERIES = ("Select", "Union", "Intersect", "Except", "Subquery")


def bare_query(text: str) -> str:
    """One query, without the semicolon at its end. Raises ``Refused`` for anything else."""
    refuse_template(text, _PARAMETERS)
    tokens = _tokens(text)
    ends = [token.start for token in tokens if token.token_type.name == "SEMICOLON"]
    if not tokens or (ends and tokens[0].start == ends[0]):
        raise Refused("is empty", "write one SELECT")
    if ends and any(token.start > ends[0] and token.token_type.name != "SEMICOLON" for token in tokens):
        raise Refused("holds several statements", "write one SELECT")
    return text[: ends[0]].rstrip() if ends else text.rstrip()


def tables_named(text: str) -> tuple[str, ...]:
    """The tables that a query reads, as it writes them, each once: ``table``, ``dataset.table``, with a project.

    Not what it defines itself in WITH, and not what it unfolds: ``FROM orders AS o, o.items``.

    Raises:
        Refused: it is no query, or sqlglot can't read it.
    """
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    query = bare_query(text)
    with _silent():
        try:
            parsed: Any = sqlglot.parse_one(query, read="bigquery")
        except SqlglotError as error:
            where = str(error).splitlines()[0][:200]
            remedy = "mend it; or, if BigQuery takes it, name its tables in the header: tables: [...]"
            raise Refused(f"can't be read, so the tables that it names can't be found: {where}", remedy) from None
    if type(parsed).__name__ not in _QUERIES:
        raise Refused(f"is not a SELECT but {parsed.key.upper()}", "write one SELECT")
    own = {one.alias for one in parsed.find_all(exp.CTE)}
    found = list(parsed.find_all(exp.Table))
    aliases = {one.alias_or_name for one in found}
    named = []
    for one in found:
        parts = [part.name for part in one.parts]
        if (len(parts) == 1 and (parts[0] in own or not parts[0])) or (len(parts) > 1 and parts[0] in aliases - {""}):
            continue
        named.append(".".join(parts))
    return tuple(dict.fromkeys(named))


def parameters_named(text: str) -> frozenset[str]:
    """The names of a query's parameters, ``@name``, in lower case: BigQuery doesn't tell cases apart in them."""
    names, before, tokens = set(), "", _tokens(text)
    for one, two in pairwise(tokens):
        kind = one.token_type.name
        if kind == "PARAMETER" and two.start == one.end + 1 and "PARAMETER" not in (before, two.token_type.name):
            names.add(two.text.lower())  # @@name is a variable of BigQuery's own
        before = kind
    return frozenset(names)


def _tokens(text: str) -> list[Any]:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        return list(sqlglot.tokenize(text, read="bigquery"))
    except SqlglotError:
        raise Refused("holds a string or a comment that does not end", "close it") from None


@contextmanager
def _silent() -> Iterator[None]:
    """sqlglot warns of what it takes for a command."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
