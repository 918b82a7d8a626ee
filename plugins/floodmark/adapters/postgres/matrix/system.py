"""What PostgreSQL's own catalogs are made of, and what has no values of its own."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Edge, Row, Word, exact
from floodmark.adapters.postgres.matrix.ways import TEXT, Expression, plain
from floodmark.core.carriage import Carriage

_CATALOG = "of PostgreSQL's catalogs alone"
_SEEN_FROM = "its name is written as the session's search_path sees it"
PSEUDO = Carriage(refusal="a pseudo-type has no values of its own to carry")


def _row(name: str, *edges: Edge, note: str = "", since: int = 12, type_: str = "") -> Row:
    return Row(type=type_ or name, name=name, carriage=TEXT, edges=edges, note=note, since=since)


def _number(name: str, expression: Expression) -> Row:
    edges = exact("'0'"), exact("'4294967295'")
    return Row(type=name, name=name, carriage=plain("int64", "INT64", expression), edges=edges)


def _named(name: str, written: str, arrives: str = "", since: int = 12) -> Row:
    return _row(name, exact(written, arrives or None), note=_SEEN_FROM, since=since)


ROWS = (
    _number("oid", Expression.BIGINT),
    _number("xid", Expression.XID),
    _number("cid", Expression.CID),
    _row("xid8", exact("'18446744073709551615'"), since=13),
    _row("tid", exact("'(4294967295,65535)'")),
    _row("pg_lsn", exact("'FFFFFFFF/FFFFFFFF'"), exact("'0/0'")),
    _row("pg_snapshot", exact("'10:20:10,14,15'"), since=13),
    _row("txid_snapshot", exact("'10:20:10,14,15'")),
    _named("regclass", "'pg_class'"),
    _named("regcollation", """'"C"'""", since=13),
    _named("regconfig", "'english'"),
    _named("regdictionary", "'simple'"),
    _named("regnamespace", "'pg_catalog'"),
    _named("regoper", "'!~~*(text,text)'::regoperator::oid::regoper", "pg_catalog.!~~*"),
    _named("regoperator", "'*(integer,integer)'"),
    _named("regproc", "'now'"),
    _named("regprocedure", "'abs(integer)'"),
    _named("regrole", "'pg_monitor'"),
    _named("regtype", "'integer'"),
    _row("aclitem", exact("'=r/postgres'"), exact("'postgres=r*w/postgres'")),
    _row("refcursor", exact("'c'")),
    Row(type="int2vector", name="int2vector", carriage=TEXT, edges=(exact("'1 2 3'"), exact("''"))),
    Row(type="oidvector", name="oidvector", carriage=TEXT, edges=(exact("'1 4294967295'"),)),
    _row("pg_node_tree", note=_CATALOG),
    _row("pg_ndistinct", note=_CATALOG),
    _row("pg_dependencies", note=_CATALOG),
    _row("pg_mcv_list", note=_CATALOG),
    _row("gtsvector", note=_CATALOG),
    _row("pg_brin_bloom_summary", note=_CATALOG, since=14),
    _row("pg_brin_minmax_multi_summary", note=_CATALOG, since=14),
    Row(
        type="record",
        name="record",
        kind="p",
        carriage=PSEUDO,
        edges=(Edge(written="ROW(1, 'x')", word=Word.REFUSED),),
        note="only a SELECT of one's own gives one; cast it to a composite type",
    ),
)
