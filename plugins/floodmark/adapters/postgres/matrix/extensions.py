"""Types of extensions: PostgreSQL's own text, whatever casts they bring.

The server of the tests has pgvector. For the others the tests make a type of that name that takes any text, with the
extension's delimiter and its cast to json.
"""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Edge, Row, encoded, exact
from floodmark.adapters.postgres.matrix.ways import ARRAY, ELEMENTS, TEXT

WORDS = """\
pgvector is in the tests' server. For the others the tests make a type of that name that takes any text, with the
extension's delimiter between elements and a cast to json that loses them. The values of `citext`, `hstore`, `ltree` and
`cube` were tried by hand with the extensions themselves, on PostgreSQL 15; those of PostGIS were not, in arrays.
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
_GEOMETRY = _stands_in("geometry", delimiter=":", json=True)
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
    _row("ltree", exact("'Top.Science'"), made=_stands_in("ltree")),
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
    _row("geography", exact(f"'{_POINT}'"), made=_stands_in("geography", delimiter=":", json=True)),
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
)
