"""Types that are made of others: arrays, domains, enums, composites."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Edge, Row, encoded, exact, unheld
from floodmark.adapters.postgres.matrix.ways import (
    ARRAY,
    AS_IS,
    COMPOSITE,
    DATETIME,
    ELEMENTS,
    TEXT,
    decimal,
)
from floodmark.core.carriage import Carriage

_MOOD = "CREATE TYPE mood AS ENUM ('ok', 'so so')"
_PAIR = "CREATE TYPE pair AS (a int, b text, n numeric, at timestamptz)"
_NOTE = "CREATE TYPE note AS (id int, payload jsonb)"
_BOUNDS = "a lower bound that isn't 1 is kept: a JSON string of PostgreSQL's own text, instead of a JSON array"


def _array(
    element: str,
    name: str,
    *edges: Edge,
    kind: str = "b",
    carriage: Carriage = ARRAY,
    note: str = "",
    made: tuple[str, ...] = (),
) -> Row:
    in_parts = "elements" if carriage is ELEMENTS else "whole" if carriage is TEXT else ""
    return Row(
        type=f"{element}[]",
        name=name,
        kind=kind,
        array=True,
        carriage=carriage,
        in_parts=in_parts,
        edges=edges,
        note=note,
        made=made,
    )


ROWS = (
    _array(
        "integer",
        "int4",
        exact("'{1,NULL,3}'", "[1,null,3]"),
        exact("'{}'", "[]"),
        exact("'{{1,2},{3,4}}'", "[[1,2],[3,4]]"),
        exact("'{{{1},{2}}}'", "[[[1],[2]]]"),
        encoded("'[0:1]={1,2}'", '"[0:1]={1,2}"', _BOUNDS),
        encoded("'[1:1][5:6]={{1,2}}'", '"[1:1][5:6]={{1,2}}"', _BOUNDS),
        note="a JSON array of JSON numbers; NULL, [] and [null] stay apart",
    ),
    _array("bigint", "int8", exact("'{9223372036854775807}'", "[9223372036854775807]")),
    _array(
        "numeric",
        "numeric",
        exact("'{1.50,1e20,NaN}'", '[1.50,100000000000000000000,"NaN"]'),
        note="JSON numbers with all their digits; NaN is a JSON string",
    ),
    _array(
        "double precision",
        "float8",
        exact("'{0.30000000000000004,5e-324,-0,NaN,-Infinity}'", '[0.30000000000000004,5e-324,-0,"NaN","-Infinity"]'),
    ),
    _array("boolean", "bool", exact("'{t,NULL,f}'", "[true,null,false]")),
    _array(
        "text",
        "text",
        exact("ARRAY['', NULL, 'NULL', 'a,\"b\\']", r'["",null,"NULL","a,\"b\\"]'),
        exact("ARRAY['😀']", '["😀"]'),
        encoded("'[2:2]={a}'", '"[2:2]={a}"', _BOUNDS),
    ),
    _array("character(3)", "bpchar", exact("'{x}'", '["x  "]'), note="elements keep their padding"),
    _array("bytea", "bytea", exact(r"ARRAY['\x00ff'::bytea]", r'["\\x00ff"]')),
    _array(
        "uuid", "uuid", exact("'{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}'", '["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]')
    ),
    _array("date", "date", exact("'{infinity,2026-11-01,0044-03-15 BC}'", '["infinity","2026-11-01","0044-03-15 BC"]')),
    _array(
        "timestamp with time zone",
        "timestamptz",
        exact("'{2026-11-01 00:00:00.000001+00,-infinity}'", '["2026-11-01T00:00:00.000001+00:00","-infinity"]'),
        note="moments in ISO 8601, as PostgreSQL's JSON has them",
    ),
    _array("interval", "interval", exact("'{1 day,24:00}'", '["P1D","PT24H"]')),
    _array(
        "json",
        "json",
        exact("""ARRAY['{"a": 1.50}', NULL, 'null']::json[]""", r'["{\"a\": 1.50}",null,"null"]'),
        carriage=ELEMENTS,
        note="each element is a JSON string of its own text, so that NULL and JSON's null stay apart",
    ),
    _array(
        "jsonb",
        "jsonb",
        exact("""ARRAY['{"a": 1.50}', NULL, 'null']::jsonb[]""", r'["{\"a\": 1.50}",null,"null"]'),
        exact("ARRAY[ARRAY['1'], ARRAY[NULL]]::jsonb[]", '[["1"],[null]]'),
        encoded("""'[0:1]={1,null}'""", '"[0:1]={1,NULL}"', _BOUNDS),
        carriage=ELEMENTS,
        note="likewise",
    ),
    _array("box", "box", exact("'{(1,1),(0,0);(2,2),(1,1)}'", '["(1,1),(0,0)","(2,2),(1,1)"]')),
    _array("int4range", "int4range", exact("""'{"[1,5)",empty}'""", '["[1,5)","empty"]'), kind="r"),
    Row(
        type="mood",
        name="public.mood",
        kind="e",
        made=(_MOOD,),
        carriage=TEXT,
        edges=(exact("'ok'"), exact("'so so'")),
        note="an enum: its label",
    ),
    _array("mood", "public.mood", exact("'{ok,NULL,so so}'", '["ok",null,"so so"]'), kind="e", made=(_MOOD,)),
    Row(
        type="price",
        name="numeric",
        modifier=(12 << 16 | 2) + 4,
        made=("CREATE DOMAIN price AS numeric(12, 2)", "CREATE DOMAIN cheap AS price CHECK (VALUE < 10)"),
        carriage=decimal(12, 2),
        edges=(exact("9.99"), unheld("'NaN'")),
        note="a domain travels as the type under it",
    ),
    Row(
        type="local",
        name="timestamp",
        made=("CREATE DOMAIN local AS timestamp",),
        carriage=DATETIME,
        edges=(exact("'2026-11-01 00:00:00'"), unheld("'infinity'")),
        note="likewise",
    ),
    Row(type="code", name="text", made=("CREATE DOMAIN code AS text",), carriage=AS_IS, edges=(exact("'c'"),)),
    Row(
        type="few",
        name="int4",
        array=True,
        made=("CREATE DOMAIN few AS int[]",),
        carriage=ARRAY,
        edges=(exact("'{1,2}'", "[1,2]"), encoded("'[0:0]={1}'", '"[0:0]={1}"', _BOUNDS)),
        note="a domain over an array travels as the array",
    ),
    Row(
        type="pair",
        name="public.pair",
        kind="c",
        made=(_PAIR,),
        carriage=COMPOSITE,
        edges=(
            exact("ROW(1, 'x', 1.50, NULL)", '{"a":1,"b":"x","n":1.50,"at":null}'),
            exact("ROW(NULL, NULL, NULL, NULL)", '{"a":null,"b":null,"n":null,"at":null}'),
            exact(
                "ROW(1, '', 'NaN', '2026-11-01 00:00+00')",
                '{"a":1,"b":"","n":"NaN","at":"2026-11-01T00:00:00+00:00"}',
            ),
        ),
        note="a JSON object; a value of NULLs and NULL stay apart",
    ),
    _array(
        "pair",
        "public.pair",
        exact("""'{"(1,x,1.50,)",NULL}'""", '[{"a":1,"b":"x","n":1.50,"at":null},null]'),
        kind="c",
        made=(_PAIR,),
    ),
    Row(
        type="note",
        name="public.note",
        kind="c",
        made=(_NOTE,),
        carriage=TEXT,
        in_parts="whole",
        edges=(
            exact("""ROW(1, '{"a": 1}')""", '(1,"{""a"": 1}")'),
            exact("ROW(1, 'null')", "(1,null)"),
            exact("ROW(1, NULL)", "(1,)"),
            exact("ROW(NULL, NULL)", "(,)"),
        ),
        note="a composite with a json in it: PostgreSQL's own text, so that NULL and JSON's null stay apart",
    ),
    _array(
        "note",
        "public.note",
        exact("""ARRAY[ROW(1, 'null'), ROW(2, NULL), NULL]::note[]""", '["(1,null)","(2,)",null]'),
        kind="c",
        carriage=ELEMENTS,
        made=(_NOTE,),
    ),
    Row(
        type="floatrange",
        name="public.floatrange",
        kind="r",
        made=("CREATE TYPE floatrange AS RANGE (subtype = float8)",),
        carriage=TEXT,
        edges=(exact("'[0.30000000000000004,2)'"), exact("'empty'")),
        note="a range of one's own",
    ),
)
