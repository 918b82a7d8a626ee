"""Networks, geometry, ranges and multiranges: each PostgreSQL's own text."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Edge, Row, exact
from floodmark.adapters.postgres.matrix.ways import TEXT


def _row(name: str, *edges: Edge, note: str = "", since: int = 12, kind: str = "b") -> Row:
    return Row(type=name, name=name, carriage=TEXT, edges=edges, note=note, since=since, kind=kind)


def _range(name: str, *edges: Edge) -> tuple[Row, Row]:
    """A range and its multirange."""
    multirange = name.replace("range", "multirange")
    several = exact("'{}'"), exact(f"{multirange}({edges[-1].written}::{name})", f"{{{edges[-1].arrives}}}")
    return (
        _row(name, exact("'empty'"), exact("'(,)'"), *edges, kind="r"),
        _row(multirange, *several, since=14, kind="m"),
    )


_DAYS = '["2026-11-01 00:00:00","2026-11-02 00:00:00.000001")'
_MOMENTS = '["2026-11-01 00:00:00+00","2026-11-02 00:00:00.000001+00")'

ROWS = (
    _row(
        "inet",
        exact("'10.0.0.1'"),
        exact("'10.0.0.1/8'"),
        exact("'::1/64'"),
        exact("'::ffff:1.2.3.4'"),
        note="as PostgreSQL shows it: without /32 or /128",
    ),
    _row("cidr", exact("'10.0.0.0/8'"), exact("'10.0.0.1/32'"), exact("'::/0'")),
    _row("macaddr", exact("'08:00:2b:01:02:03'")),
    _row("macaddr8", exact("'08:00:2b:01:02:03:04:05'")),
    _row("point", exact("'(0.30000000000000004,-0)'"), exact("'(Infinity,NaN)'")),
    _row("line", exact("'{1,-1,0}'")),
    _row("lseg", exact("'[(0,0),(1,1)]'")),
    _row("box", exact("'(1,1),(0,0)'")),
    _row("path", exact("'[(0,0),(1,1)]'"), exact("'((0,0),(1,1))'")),
    _row("polygon", exact("'((0,0),(1,1),(1,0))'")),
    _row("circle", exact("'<(0,0),1.5>'")),
    *_range("int4range", exact("'[1,5)'")),
    *_range("int8range", exact("'[-9223372036854775808,9223372036854775807)'")),
    *_range("numrange", exact("'[1.50,2)'")),
    *_range("daterange", exact("'[2026-11-01,infinity)'"), exact("'[2026-11-01,2026-11-02)'")),
    *_range("tsrange", exact(f"'{_DAYS}'")),
    *_range("tstzrange", exact(f"'{_MOMENTS}'")),
)
