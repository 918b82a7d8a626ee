"""Texts, bytes and documents."""

from __future__ import annotations

from floodmark.adapters.mysql.matrix.row import Row, exact, told
from floodmark.adapters.mysql.matrix.ways import BYTES, TEXT

_SHAPE = "E61000000101000000000000000000F03F0000000000000040"
_LENGTHS = ("tiny", "medium", "long")
ROWS = (
    Row(
        type="char(10)",
        name="char",
        carriage=TEXT,
        edges=(exact("''"), told("'a '", "a", "MySQL itself gives a char without the spaces at its end")),
    ),
    Row(
        type="varchar(40)",
        name="varchar",
        carriage=TEXT,
        edges=(
            exact("''"),
            exact("'a '"),
            exact("'NULL'"),
            exact("'é€😀'"),
            exact("'it''s \"quoted\", with a comma'"),
            exact(r"'back\slash'"),
            exact("_utf8mb4 x'0061090A0D'", "\0a\t\n\r"),
        ),
    ),
    Row(type="varchar(20) character set latin1", name="varchar", carriage=TEXT, edges=(exact("'é€'"),)),
    Row(type="varchar(20) character set utf8mb3", name="varchar", carriage=TEXT, edges=(exact("'é€'"),)),
    Row(type="text", name="text", carriage=TEXT, edges=(exact("'x'"), exact("''"))),
    *(Row(type=f"{size}text", name=f"{size}text", carriage=TEXT, edges=(exact("'x'"),)) for size in _LENGTHS),
    Row(
        type="enum('a','b','')",
        name="enum",
        carriage=TEXT,
        edges=(exact("'a'"), exact("''"), told("'zz'", "", "MySQL itself keeps an invalid value as the empty text")),
        note="its label",
    ),
    Row(type="set('x','y','z')", name="set", carriage=TEXT, edges=(exact("'x,z'"), exact("''")), note="its labels"),
    Row(
        type="binary(4)",
        name="binary",
        carriage=BYTES,
        edges=(exact("x'ff00ff00'", "ff00ff00"), told("'a'", "61000000", "MySQL itself fills it up")),
    ),
    Row(type="varbinary(10)", name="varbinary", carriage=BYTES, edges=(exact("x'00ff5c27'", "00ff5c27"), exact("''"))),
    Row(type="blob", name="blob", carriage=BYTES, edges=(exact("x'00010203ff'", "00010203ff"),)),
    *(Row(type=f"{size}blob", name=f"{size}blob", carriage=BYTES, edges=(exact("x'ff'", "ff"),)) for size in _LENGTHS),
    Row(
        type="json",
        name="json",
        carriage=TEXT,
        edges=(exact("'{\"a\": 1}'"), exact("'null'")),
        note="as the server keeps it: MySQL sorts the names and keeps the last of equal ones, MariaDB keeps the text",
    ),
    *(
        Row(type=shape, name=shape, carriage=BYTES, edges=edges, note="MySQL's own form: the SRID, then WKB")
        for shape, edges in (
            ("geometry", (exact("st_geomfromtext('POINT(1 2)', 4326)", _SHAPE.lower()),)),
            ("point", (exact("st_geomfromtext('POINT(1 2)', 4326)", _SHAPE.lower()),)),
            *((one, ()) for one in ("linestring", "polygon", "multipoint", "multilinestring", "multipolygon")),
            ("geometrycollection", ()),
            ("geomcollection", ()),
        )
    ),
    Row(
        type="uuid",
        name="uuid",
        carriage=TEXT,
        only="MariaDB",
        edges=(exact("'123e4567-e89b-12d3-a456-426655440000'"),),
    ),
    Row(type="inet4", name="inet4", carriage=TEXT, only="MariaDB", edges=(exact("'1.2.3.4'"),)),
    Row(
        type="inet6",
        name="inet6",
        carriage=TEXT,
        only="MariaDB",
        edges=(exact("'2001:db8::1'"), exact("'::ffff:1.2.3.4'")),
    ),
    Row(type="vector", name="vector", carriage=BYTES, edges=(), only="MySQL 9, MariaDB 11.7", note="floats of 4 bytes"),
)
