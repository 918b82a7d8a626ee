"""What users write in SQL, judged before it is asked: a ``where`` is one expression, an own SELECT one SELECT (R29).

Either is set in parentheses on lines of its own, so a comment at its end does no harm; what would end the parentheses
does. Strings, dollar quotes and comments are told apart by a parser of PostgreSQL's dialect. What that can't parse,
though it stays within its parentheses, PostgreSQL is asked: it knows more of its own language.
"""

from __future__ import annotations

from typing import Any

from floodmark.core.refused import Refused
from floodmark.core.resolve.airflow_templates import refuse_template

_OPENING, _CLOSING = ("L_PAREN", "L_BRACKET", "L_BRACE"), ("R_PAREN", "R_BRACKET", "R_BRACE")
_UNPARSED = "can't be judged without the source; check --online asks PostgreSQL itself"


def judge_where(text: str) -> str:
    """Refuse what is no single expression; a warning where only PostgreSQL can tell, else nothing.

    Raises:
        Refused: it would end its parentheses, holds several statements, goes on after the expression, or is a
            template.
    """
    refuse_template(text)
    remedy = "write one condition, such as status <> 'draft'"
    if _semicolon(text) is not None:
        raise Refused("holds a semicolon", remedy)
    parsed = _parsed(f"SELECT 1 WHERE\n{text}\n")
    if parsed is None:
        return _UNPARSED
    rest = sorted(name for name, part in parsed.args.items() if part and name not in ("expressions", "where", "kind"))
    if type(parsed).__name__ != "Select" or rest:
        raise Refused("is not one expression: it goes on behind it", remedy)
    return ""


def judge_select(text: str) -> str:
    """Refuse what is no single SELECT; a warning where only PostgreSQL can tell, else nothing. Raises ``Refused``."""
    refuse_template(text)
    parsed = _parsed(bare_select(text))
    if parsed is None:
        return _UNPARSED
    if type(parsed).__name__ not in ("Select", "Union", "Intersect", "Except", "Subquery", "Values", "Table", "Query"):
        raise Refused(f"is not a SELECT but {type(parsed).__name__.upper()}", "write one SELECT")
    return ""


def bare_select(text: str) -> str:
    """The SELECT without the semicolon at its end, whatever comment follows that. Raises ``Refused`` for several."""
    end = _semicolon(text)
    if end is None:
        if not text.strip():
            raise Refused("is empty", "write one SELECT")
        return text.strip()
    if any(token.token_type.name != "SEMICOLON" for token in _tokens(text[end:])):
        raise Refused("holds several statements", "write one SELECT")
    return text[:end].strip()


def _semicolon(text: str) -> int | None:
    """Where the first semicolon stands that is no part of a string or comment.

    Raises:
        Refused: a bracket is closed that was never opened, or never closed; a string or comment does not end.
    """
    depth = 0
    for token in _tokens(text):
        kind = token.token_type.name
        depth += (kind in _OPENING) - (kind in _CLOSING)
        if depth < 0:
            raise Refused("closes a parenthesis that it did not open", "take it out, or open it")
        if kind == "SEMICOLON" and depth == 0:
            return int(token.start)
    if depth:
        raise Refused("leaves a parenthesis open", "close it")
    return None


def _tokens(text: str) -> list[Any]:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        return list(sqlglot.tokenize(text, read="postgres"))
    except SqlglotError:
        raise Refused("holds a string or a comment that does not end", "close it") from None


def _parsed(text: str, dialect: str = "postgres") -> Any:
    """What sqlglot makes of one statement; None where it can't."""
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.ERROR)  # it warns of what it takes for a command
    try:
        statements = [one for one in sqlglot.parse(text, read=dialect) if one is not None]
    except SqlglotError:
        return None
    finally:
        logger.setLevel(level)
    known = statements and len(statements) == 1 and type(statements[0]).__name__ != "Command"
    return statements[0] if known else None


def tables_named(text: str, dialect: str) -> tuple[tuple[str, str], ...]:
    """Schema (or nothing) and name of each table that a SELECT reads, but for those that it defines in WITH.

    Nothing where sqlglot can't read it.
    """
    from sqlglot import exp

    parsed = _parsed(text, dialect)
    if parsed is None:
        return ()
    own = {one.alias for one in parsed.find_all(exp.CTE)}
    tables = [(one.db, one.name) for one in parsed.find_all(exp.Table) if one.name]
    return tuple(dict.fromkeys(one for one in tables if one[0] or one[1] not in own))
