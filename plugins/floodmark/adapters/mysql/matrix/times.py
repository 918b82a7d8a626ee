"""Days, moments and times. What is no day of the calendar is a bad value (R31), whatever the mode it was written in."""

from __future__ import annotations

from floodmark.adapters.mysql.matrix.row import Row, exact, unheld
from floodmark.adapters.mysql.matrix.ways import DATE, DATETIME, NUMBER, TIME, TIMESTAMP

ROWS = (
    Row(
        type="date",
        name="date",
        carriage=DATE,
        edges=(
            exact("'0001-01-01'"),
            exact("'9999-12-31'"),
            unheld("'0000-00-00'"),
            unheld("'0000-01-01'"),
            unheld("'2026-00-10'"),
            unheld("'2026-02-00'"),
            unheld("'2026-02-31'"),
        ),
    ),
    Row(
        type="datetime(6)",
        name="datetime",
        carriage=DATETIME,
        edges=(
            exact("'1000-01-01 00:00:00.000001'"),
            exact("'9999-12-31 23:59:59.999999'"),
            exact("'2026-10-25 02:30:00'"),
            unheld("'0000-00-00 00:00:00.000000'"),
            unheld("'2026-00-10 01:02:03.000000'"),
        ),
        note="lands as a TIMESTAMP in UTC, since no Parquet type is BigQuery's DATETIME",
    ),
    Row(type="datetime", name="datetime", carriage=DATETIME, edges=(exact("'2026-11-01 10:00:00'"),)),
    Row(
        type="timestamp(6) null",
        name="timestamp",
        carriage=TIMESTAMP,
        edges=(
            exact("'1970-01-01 00:00:01'", "1970-01-01 00:00:01+00"),
            exact("'2038-01-19 03:14:07.999999'", "2038-01-19 03:14:07.999999+00"),
            unheld("'0000-00-00 00:00:00.000000'"),
        ),
        note="in UTC, whatever the session's zone that wrote it",
    ),
    Row(
        type="time(6)",
        name="time",
        carriage=TIME,
        edges=(
            exact("'00:00:00.000001'"),
            exact("'23:59:59.999999'"),
            unheld("'24:00:00.000000'"),
            unheld("'-00:00:01.000000'"),
            unheld("'838:59:59.000000'"),
            unheld("'-838:59:59.000000'"),
        ),
        note="MySQL's TIME is a span; `types: {column: STRING}` keeps every value",
    ),
    Row(type="year", name="year", carriage=NUMBER, edges=(exact("0"), exact("1901"), exact("2155"))),
)
