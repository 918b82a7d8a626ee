"""Days, moments, times of day, and spans."""

from __future__ import annotations

from floodmark.adapters.postgres.matrix.row import Row, exact, unheld
from floodmark.adapters.postgres.matrix.ways import DATETIME, TEXT, TIMESTAMP, plain
from floodmark.core.carriage import Check

ROWS = (
    Row(
        type="date",
        name="date",
        carriage=plain("date32[day]", "DATE", check=Check.DATE),
        edges=(
            exact("'0001-01-01'"),
            exact("'9999-12-31'"),
            unheld("'infinity'"),
            unheld("'-infinity'"),
            unheld("'0001-12-31 BC'"),
            unheld("'10000-01-01'"),
            unheld("'5874897-12-31'"),
        ),
    ),
    Row(
        type="time without time zone",
        name="time",
        carriage=plain("time64[us]", "TIME", check=Check.TIME),
        edges=(exact("'00:00:00'"), exact("'23:59:59.999999'"), unheld("'24:00:00'")),
    ),
    Row(
        type="time with time zone",
        name="timetz",
        carriage=TEXT,
        edges=(exact("'12:00:00+02'"), exact("'24:00:00-15:59:59'")),
    ),
    Row(
        type="timestamp without time zone",
        name="timestamp",
        carriage=DATETIME,
        edges=(
            exact("'0001-01-01 00:00:00'"),
            exact("'9999-12-31 23:59:59.999999'"),
            exact("'2026-10-25 02:30:00'"),
            unheld("'infinity'"),
            unheld("'-infinity'"),
            unheld("'4713-01-01 00:00:00 BC'"),
            unheld("'10000-01-01 00:00:00'"),
        ),
        note="lands as a TIMESTAMP in UTC, since no Parquet type is BigQuery's DATETIME",
    ),
    Row(
        type="timestamp with time zone",
        name="timestamptz",
        carriage=TIMESTAMP,
        edges=(
            exact("'0001-01-01 00:00:00+00'"),
            exact("'9999-12-31 23:59:59.999999+00'"),
            exact("'2026-10-25 02:30:00.000001+02'", "2026-10-25 00:30:00.000001+00"),
            unheld("'infinity'"),
            unheld("'-infinity'"),
            unheld("'0001-12-31 23:00:00+00 BC'"),
            unheld("'294276-12-31 23:59:59.999999+00'"),
        ),
    ),
    Row(
        type="interval",
        name="interval",
        carriage=TEXT,
        edges=(
            exact("'1 year 2 mons 3 days 04:05:06.7'", "P1Y2M3DT4H5M6.7S"),
            exact("'-1 day +1 hour'", "P-1DT1H"),
            exact("'178000000 years'", "P178000000Y"),
            exact("'24:00:00'", "PT24H"),
            exact("'infinity'", since=17),
        ),
        note="as ISO 8601; a day is not 24 hours",
    ),
)
