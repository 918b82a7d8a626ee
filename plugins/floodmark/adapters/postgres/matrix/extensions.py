"""Types of extensions: PostgreSQL's own text, whatever casts they bring.

The server of the tests has pgvector. For the others the tests make a type of that name that takes any text, with the
extension's delimiter and its cast to json.
"""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Edge, Row, encoded, exact
from floodmark.adapters.postgres.matrix.ways import ARRAY, ELEMENTS, TEXT

WORDS = """\
pgvector is in the tests' server. For the others the tests make a type of that name that takes any text, with the
extension's delimiter between elements and, where the extension has one, a cast to json that loses them. All of these
values were tried by hand with the extensions themselves, on PostgreSQL 15 with PostGIS 3.3; so were `earth` and `lo`,
which are domains, and PostGIS's composites, which travel as composites do.
"""
_VECTOR = ("CREATE EXTENSION IF NOT EXISTS vector",)


def _stands_in(name: str, *, delimiter: str = ",", json: bool = False) -> tuple[str, ...]:
    """Statements that make a type of that name, whose values are any text; ``json``: with a cast that loses them."""
    cast = (
        f"CREATE FUNCTION {name}_json({name}) RETURNS json LANGUAGE sql IMMUTABLE AS $$SELECT '{{}}'::json$$",
        f"CREATE CAST ({name} AS json) WITH FUNCTION {name}_json({name})",
    )
    return (
        f"CREATE TYPE {name}",
        f"CREATE FUNCTION {name}_in(cstring) RETURNS {name} LANGUAGE internal IMMUTABLE STRICT AS 'textin'",
        f"CREATE FUNCTION {name}_out({name}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'",
        f"CREATE TYPE {name} (INPUT = {name}_in, OUTPUT = {name}_out, LIKE = text, DELIMITER = '{delimiter}')",
        *(cast if json else ()),
    )


def _row(name: str, *edges: Edge, made: tuple[str, ...], note: str = "") -> Row:
    return Row(type=name, name=f"public.{name}", carriage=TEXT, edges=edges, made=made, note=note)


_CITEXT, _HSTORE = _stands_in("citext"), _stands_in("hstore", json=True)
_LTREE = _stands_in("ltree")
_GEOMETRY, _GEOGRAPHY = _stands_in("geometry", delimiter=":", json=True), _stands_in("geography", delimiter=":")
_POINT = "0101000000000000000000F03F0000000000000040"

ROWS = (
    _row("citext", exact("'Ab'"), made=_CITEXT, note="as it was written; as a key in lower case"),
    _row("hstore", exact("""'"a"=>"1", "b"=>NULL'"""), made=_HSTORE),
    Row(
        type="hstore[]",
        name="public.hstore",
        array=True,
        in_parts="elements",
        carriage=ELEMENTS,
        made=_HSTORE,
        edges=(exact("""ARRAY['"a"=>"1"', NULL]::hstore[]""", r'["\"a\"=>\"1\"",null]'),),
        note="each element as its own text: the extension's cast to json is not asked",
    ),
    _row("ltree", exact("'Top.Science'"), made=_LTREE),
    Row(
        type="ltree[]",
        name="public.ltree",
        array=True,
        carriage=ARRAY,
        made=_LTREE,
        edges=(exact("ARRAY['Top.A', NULL]::ltree[]", '["Top.A",null]'),),
    ),
    _row("lquery", exact("'*.a|b'"), made=_stands_in("lquery")),
    _row("query_int", exact("'1 & ( 2 | 3 )'"), made=_stands_in("query_int")),
    _row(
        "seg", exact("'6.50 .. 7'"), exact("'~6.5'"), made=_stands_in("seg"), note="with the digits it was written with"
    ),
    _row("isbn", exact("'0-393-04002-X'"), made=_stands_in("isbn")),
    _row("ean13", exact("'978-0-393-04002-9'"), made=_stands_in("ean13"), note="likewise isbn13, ismn, issn, upc ..."),
    _row("cube", exact("'(0, 0.30000000000000004)'"), made=_stands_in("cube")),
    _row("vector", exact("'[1,0.5,3]'"), exact("'[0.1]'"), made=_VECTOR),
    _row("halfvec", exact("'[1,0.5,3]'"), made=_VECTOR),
    _row("sparsevec", exact("'{1:1,3:2}/5'"), made=_VECTOR),
    Row(
        type="vector[]",
        name="public.vector",
        array=True,
        carriage=ARRAY,
        made=_VECTOR,
        edges=(exact("""'{"[1,2]",NULL}'""", '["[1,2]",null]'), encoded("'[0:0]={[1]}'", '"[0:0]={[1]}"', "")),
    ),
    _row("geometry", exact(f"'{_POINT}'"), made=_GEOMETRY, note="PostGIS: EWKB in hex, with its SRID"),
    _row("geography", exact(f"'{_POINT}'"), made=_GEOGRAPHY, note="likewise"),
    Row(
        type="geometry[]",
        name="public.geometry",
        array=True,
        in_parts="whole",
        carriage=TEXT,
        made=_GEOMETRY,
        edges=(exact(f"ARRAY['{_POINT}', NULL]::geometry[]", f"{{{_POINT}:NULL}}"),),
        note="PostgreSQL's own text of the array, whose elements are parted by colons",
    ),
    Row(
        type="geography[]",
        name="public.geography",
        array=True,
        carriage=ARRAY,
        made=_GEOGRAPHY,
        edges=(exact(f"ARRAY['{_POINT}', NULL]::geography[]", f'["{_POINT}",null]'),),
    ),
    _row(
        "box2d",
        exact("'BOX(0 0,1 0.3)'"),
        made=_stands_in("box2d"),
        note="PostGIS itself writes its corners, like those of box3d, with 15 digits",
    ),
    _row("raster", exact("'0100000000'"), made=_stands_in("raster"), note="PostGIS: its binary form in hex"),
)
