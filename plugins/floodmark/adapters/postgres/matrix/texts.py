"""Texts, bytes and documents."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Row, exact, told
from floodmark.adapters.postgres.matrix.ways import AS_IS, CAST, TEXT, Expression, plain

_CONTROL = exact(r"E'a\tb\r\nc\x01\x1f\\N\"'", 'a\tb\r\nc\x01\x1f\\N"')
_EMOJI = exact("'😀 é 列'")
_XML = '<?xml version="1.0" encoding="latin1"?><a/>'
_PADDED = "its padding means nothing in PostgreSQL, and doesn't travel"

ROWS = (
    Row(type="text", name="text", carriage=AS_IS, edges=(exact("''"), _CONTROL, _EMOJI)),
    Row(type="character varying(5)", name="varchar", carriage=AS_IS, edges=(exact("''"), exact("'  x  '"))),
    Row(type="name", name="name", carriage=AS_IS, edges=(exact("''"), exact(f"'{'n' * 63}'"))),
    Row(
        type="character(5)",
        name="bpchar",
        carriage=CAST,
        edges=(told("'x'", "x", _PADDED), told("''", "", _PADDED), told("'  x'", "  x", _PADDED), exact("'abcde'")),
    ),
    Row(
        type='"char"',
        name="char",
        carriage=TEXT,
        edges=(exact("'x'"), exact("''"), exact(r"'\377'", since=15)),
        note="one byte; before PostgreSQL 15 one above 127 may be no text at all",
    ),
    Row(type="bytea", name="bytea", carriage=plain("binary", "BYTES"), edges=(exact("''"), exact(r"'\x00ff'", "00ff"))),
    Row(
        type="uuid",
        name="uuid",
        carriage=plain("string", "STRING", Expression.UUID),
        edges=(
            exact("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            exact("'ffffffff-ffff-ffff-ffff-ffffffffffff'"),
        ),
    ),
    Row(
        type="json",
        name="json",
        carriage=TEXT,
        edges=(
            exact("""'{"a":1, "a":2,  "n":1e400}'"""),
            exact("'null'"),
            exact(r"""'"\u0000 \ud83d"'"""),
            exact("'123456789012345678901234567890.10'"),
        ),
        note="the text as it was written; NULL and JSON's null stay apart",
    ),
    Row(
        type="jsonb",
        name="jsonb",
        carriage=plain("string", "STRING", Expression.JSONB),
        edges=(
            exact("""'{"f": 0.30000000000000004, "n": 1.50}'"""),
            exact("'null'"),
            exact("""'"😀"'"""),
            exact("'123456789012345678901234567890.10'"),
        ),
        note="PostgreSQL's own text of it; NULL and JSON's null stay apart",
    ),
    Row(type="jsonpath", name="jsonpath", carriage=TEXT, edges=(exact("'$.a'", '$."a"'),)),
    Row(
        type="xml",
        name="xml",
        carriage=CAST,
        edges=(exact(f"'{_XML}'::bytea::xml", _XML),),
        note="the text as it is stored: its declaration names the encoding that it came in, and it is UTF-8 by now",
    ),
    Row(type="bit(3)", name="bit", carriage=TEXT, edges=(exact("B'101'", "101"),)),
    Row(type="bit varying", name="varbit", carriage=TEXT, edges=(exact("B''", ""), exact("B'0101'", "0101"))),
    Row(
        type="tsvector",
        name="tsvector",
        carriage=TEXT,
        edges=(exact("''"), exact("$$'a':1A 'b c':2,3$$", "'a':1A 'b c':2,3")),
    ),
    Row(type="tsquery", name="tsquery", carriage=TEXT, edges=(exact("$$'a' & !'b':*$$", "'a' & !'b':*"),)),
)
