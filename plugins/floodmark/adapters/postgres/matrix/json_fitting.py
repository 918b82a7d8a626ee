"""PostgreSQL's condition for a JSON text that BigQuery's PARSE_JSON would refuse or change (R31).

BigQuery's pages "JSON functions" (PARSE_JSON, ``wide_number_mode``) and "Working with JSON data": a number has to
round-trip, a surrogate needs its other half, 500 levels, and of a name that comes twice the first value stays. What
can't be told here counts as one that doesn't fit. No value ends the statement: what a cast to ``jsonb`` would stop at
is found before it. Braces are doubled, see ``fitting.py``.
"""

from __future__ import annotations

from floodmark.adapters.postgres.quote import literal

LEVELS = 499
"""One less than BigQuery documents, whichever of the two it counts."""
_TWO_BACKSLASHES = literal("\\\\")
_ESCAPED_QUOTE = literal('\\"')
_STRING = literal('"[^"]*"')
_PAIR = literal(r"\\u[dD][89abAB][0-9a-fA-F]{{2}}\\u[dD][c-fC-F][0-9a-fA-F]{{2}}")
_LONE = literal(r"\\u(0000|[dD][89a-fA-F])")
_UNICODE = literal(r"\u")
_LONG = "'[0-9.]{{17}}'"
"""Shorter ones have at most 15 digits and a point, or 16 digits: both round-trip."""
_POWER = "'[0-9.][eE]'"
_BOUNDLESS = "'[0-9]{{40}}|[0-9.][eE][+-]?[0-9]{{4}}'"
"""Numbers that not even PostgreSQL's numeric may hold."""
_NUMBERS = "pg_catalog.jsonb_path_query({}, 'strict $.** ? (@.type() == \"number\")') AS _floodmark_n (_floodmark_v)"
_NUMBER = "(_floodmark_v::numeric)"
_DOUBLE = f"pg_catalog.numeric_in(pg_catalog.float8out({_NUMBER}::double precision), 0, -1)"
_IN_RANGE = f"pg_catalog.abs({_NUMBER}) BETWEEN 1e-300 AND 1e300"
_WHOLE = (
    f"pg_catalog.strpos(pg_catalog.concat(_floodmark_v), '.') = 0 "
    f"AND {_NUMBER} BETWEEN -9223372036854775808 AND 18446744073709551615"
)
_ROUND_TRIPS = f"{_NUMBER} = {_DOUBLE}" + "".join(
    f" AND ({_NUMBER} * {near})::double precision = {_NUMBER}::double precision"
    for near in ("1.0000000000000000005", "0.9999999999999999995")
)
"""PARSE_JSON writes the double that it took by Grisu2, which misses the shortest text where that lies at the very edge
of what rounds to the same double: about one of 300 numbers of 17 digits. Those at the edge count as ones that don't."""


def json_misfit(base_type: str, *, rounds: bool) -> str:
    """Of a ``json``, a ``jsonb`` or a text, as ``{0}``. ``rounds``: a number need not round-trip."""
    text = "pg_catalog.concat({0})"
    if base_type == "jsonb":
        long = _numbers("{0}", f"{text} ~ {_LONG}", "TRUE", rounds=rounds)
        return _known(f"{_deep(text, '{0}')} {long}")
    document = "pg_catalog.jsonb_in(pg_catalog.textout({0}::text))"
    if base_type == "json":
        document = "pg_catalog.jsonb_in(pg_catalog.json_out({0}))"
    plain, powers = _plain(text), f"{_plain(text)} ~ {_POWER}"
    none = "" if base_type == "json" else f"WHEN NOT ({text} IS JSON) THEN TRUE "
    some, whole = f"({plain} ~ {_LONG} OR {powers})", f"NOT ({powers})"
    return _known(
        f"{none}WHEN pg_catalog.strpos({text}, {_UNICODE}) > 0 AND {_lone(text)} THEN TRUE "
        f"WHEN {plain} ~ {_BOUNDLESS} THEN TRUE "
        f"WHEN {_names(plain)} <> {_names(_plain(f'pg_catalog.concat({document})'))} THEN TRUE "
        f"{_deep(text, document)} {_numbers(document, some, whole, rounds=rounds)}"
    )


def _known(branches: str) -> str:
    return f"pg_catalog.num_nulls({{0}}) = 0 AND CASE {branches} ELSE FALSE END"


def _deep(text: str, document: str) -> str:
    """Too many levels; none where there are too few characters for them."""
    path = f"'strict $.**{{{{{LEVELS} to last}}}}'"
    long = f"pg_catalog.octet_length({text}) > {LEVELS}"
    return f"WHEN {long} AND pg_catalog.jsonb_path_exists({document}, {path}) THEN TRUE"


def _numbers(document: str, some: str, whole: str, *, rounds: bool) -> str:
    """Some number that doesn't fit. ``some``: there may be one; ``whole``: those without a point are whole numbers."""
    fits = f"CASE WHEN {_NUMBER} = 0 THEN TRUE "
    if rounds:
        fits += f"ELSE pg_catalog.abs({_NUMBER}) < 1e300 END"
    else:
        fits += f"WHEN {whole} AND {_WHOLE} THEN TRUE WHEN {_IN_RANGE} THEN {_ROUND_TRIPS} ELSE FALSE END"
    return f"WHEN {some} THEN EXISTS (SELECT 1 FROM {_NUMBERS.format(document)} WHERE NOT {fits})"


def _plain(text: str) -> str:
    """The text with its strings empty."""
    return (
        f"pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.replace({text}, {_TWO_BACKSLASHES}, ''), "
        f"{_ESCAPED_QUOTE}, ''), {_STRING}, '\"\"', 'g')"
    )


def _lone(text: str) -> str:
    """A surrogate without its other half, or NUL."""
    unescaped = f"pg_catalog.replace({text}, {_TWO_BACKSLASHES}, '')"
    return f"pg_catalog.regexp_replace({unescaped}, {_PAIR}, '', 'g') ~ {_LONE}"


def _names(plain: str) -> str:
    """How many names there are, each before a colon."""
    return f"(pg_catalog.length({plain}) - pg_catalog.length(pg_catalog.replace({plain}, ':', '')))"
