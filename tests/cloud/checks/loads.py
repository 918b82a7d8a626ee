"""Loads of Parquet: types that are taken from the file, rows that vanish, and how many partitions there may be."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.cloud.checks.tables import create
from tests.cloud.finding import Check, Finding, held
from tests.cloud.place import Place

if TYPE_CHECKING:
    import pyarrow as pa
    from google.cloud.bigquery import LoadJob

DAY = timedelta(days=1)
MOST_PER_JOB, MOST_PER_TABLE = 4_000, 10_000


def loaded(place: Place, table: str, columns: Mapping[str, Any], **config: Any) -> LoadJob:
    """Load a file with these columns (arrays of Arrow's) as the product does; the job. Raises a refusal."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from google.cloud.bigquery import LoadJobConfig

    file = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), file)
    name = f"{place.prefix}/checks/{uuid.uuid4().hex}.parquet"
    place.storage.bucket(place.bucket).blob(name).upload_from_string(file.getvalue())
    given = {
        "sourceFormat": "PARQUET", "writeDisposition": "WRITE_APPEND", "createDisposition": "CREATE_NEVER",
        "decimalTargetTypes": ["NUMERIC", "BIGNUMERIC"], "columnNameCharacterMap": "V2",
        "parquetOptions": {"enableListInference": True, "enumAsString": True}, **config,
    }  # fmt: skip
    job = place.bigquery.load_table_from_uri(
        f"gs://{place.bucket}/{name}", table, job_config=LoadJobConfig.from_api_repr({"load": given})
    )
    job.result()
    return job


def integers(count: int) -> pa.Array:
    """So many, from 1."""
    import pyarrow as pa

    return pa.array(range(1, count + 1))


def types(place: Place) -> Iterator[Finding]:
    """A column's type is the file's; the table's must be the same."""
    import pyarrow as pa

    wide = pa.array([Decimal("1.12345678901234567890")], pa.decimal128(38, 20))
    narrow, moment = pa.array([Decimal("1.25")], pa.decimal64(12, 2)), pa.array([0], pa.timestamp("us"))
    numeric = {"name": "a", "type": "NUMERIC", "precision": "12", "scale": "2"}
    both: dict[str, Any] = {}
    numeric_only = {"decimalTargetTypes": ["NUMERIC"]}
    cases: tuple[tuple[str, Any, dict[str, Any], dict[str, Any], bool], ...] = (
        ("decimal(12, 2) into NUMERIC(12, 2)", narrow, numeric, both, True),
        ("decimal(38, 20) into BIGNUMERIC", wide, {"name": "a", "type": "BIGNUMERIC"}, both, True),
        ("decimal(38, 20) into BIGNUMERIC, decimalTargetTypes without it", wide, {"name": "a", "type": "BIGNUMERIC"},
         numeric_only, False),
        ("decimal(12, 2) into BIGNUMERIC", narrow, {"name": "a", "type": "BIGNUMERIC"}, both, False),
        ("a moment without a zone into DATETIME", moment, {"name": "a", "type": "DATETIME"}, both, False),
        ("a moment without a zone into TIMESTAMP", moment, {"name": "a", "type": "TIMESTAMP"}, both, True),
        ("whole numbers into STRING", integers(1), {"name": "a", "type": "STRING"}, both, False),
        ("a text into JSON", pa.array(["{}"]), {"name": "a", "type": "JSON"}, both, False),
        ("texts into a column whose name needs columnNameCharacterMap: V1", pa.array(["x"]),
         {"name": "größe", "type": "STRING"}, {"columnNameCharacterMap": "V1"}, False),
    )  # fmt: skip
    for number, (asked, values, field, config, taken) in enumerate(cases):
        name = create(place, f"load_{number}", [], schema={"fields": [field]})
        said = place.refusal(loaded, place, name, {field["name"]: values}, **config)
        yield held("a load's types", asked=asked, expected="taken" if taken else "refused",
                   came=said or "taken", well=bool(said) is not taken)  # fmt: skip


def scale(place: Place) -> Iterator[Finding]:
    """More digits than a column declares: the product never sends such; what would become of them."""
    import pyarrow as pa

    field = {"name": "a", "type": "NUMERIC", "precision": "12", "scale": "2"}
    name = create(place, "scale", [], schema={"fields": [field]})
    values = pa.array([Decimal("1.2345")], pa.decimal64(12, 4))
    said = place.refusal(loaded, place, name, {"a": values})
    came = said or ", ".join(str(value) for (value,) in place.rows(f"SELECT a FROM `{name}`"))
    yield held("decimals beyond the declared scale", asked="1.2345 loaded into NUMERIC(12, 2)", expected="1.23",
               came=came, well=came in ("1.23", "1.230000000"))  # fmt: skip


def expiry(place: Place) -> Iterator[Finding]:
    """Rows in a partition that has expired: gone at once, while the job counts them (R33)."""
    import pyarrow as pa

    name = create(
        place, "expires", [("day", "DATE"), ("id", "INT64")],
        timePartitioning={"type": "DAY", "field": "day", "expirationMs": str(3 * DAY // timedelta(milliseconds=1))},
    )  # fmt: skip
    today = datetime.now(UTC).date()
    days = [today - 10 * DAY, today - 10 * DAY, today]
    job = loaded(place, name, {"day": pa.array(days, pa.date32()), "id": integers(3)})
    [(rows,)] = place.rows(f"SELECT COUNT(*) FROM `{name}`")
    yield held(
        "expired partitions", asked="3 rows loaded, 2 of them 10 days old, where partitions expire after 3",
        expected="the job succeeds, 1 row stands", came=f"{job.state}, {rows} stand", well=rows == 1,
    )  # fmt: skip
    yield held("expired partitions", asked="what that load job calls its output rows", expected="3 rows",
               came=f"{job.output_rows} rows", well=job.output_rows == 3)  # fmt: skip


def partitions(place: Place) -> Iterator[Finding]:
    """How many partitions one job may write, and how many a table may have."""
    import pyarrow as pa

    def load(table: str, first: date, days: int) -> str:
        values = pa.array([first + number * DAY for number in range(days)], pa.date32())
        return place.refusal(loaded, place, table, {"day": values}) or "taken"

    cut: dict[str, Any] = {"timePartitioning": {"type": "DAY", "field": "day"}}
    one, start = create(place, "partitions", [("day", "DATE")], **cut), date(1990, 1, 1)
    said = load(one, start, MOST_PER_JOB + 1)
    yield held("partitions", asked=f"{MOST_PER_JOB + 1:,} written by one load", expected="refused", came=said,
               well=said != "taken")  # fmt: skip
    place.bill.allow()
    parts = (MOST_PER_JOB, MOST_PER_JOB, MOST_PER_TABLE - 2 * MOST_PER_JOB + 1)
    came = [load(one, start + sum(parts[:number]) * DAY, days) for number, days in enumerate(parts)]
    yield held(
        "partitions", asked=f"loads of {', '.join(map('{:,}'.format, parts))}: {sum(parts):,} in all",
        expected="taken, taken, refused", came=", ".join(came), well=came[:2] == ["taken"] * 2 and came[2] != "taken",
    )  # fmt: skip


def outside(place: Place) -> Iterator[Finding]:
    """Where values of other centuries lie."""
    name = create(place, "centuries", [("day", "DATE")], timePartitioning={"type": "DAY", "field": "day"})
    place.query(
        f"INSERT INTO `{name}` (day) VALUES (DATE '1950-01-01'), (DATE '2200-01-01'), (NULL), (DATE '2026-01-01')"
    )
    dataset = f"{place.project}.{place.datasets['checks']}"
    found = place.rows(
        f"SELECT partition_id FROM `{dataset}`.INFORMATION_SCHEMA.PARTITIONS WHERE table_name = 'centuries'"
    )
    came = ", ".join(sorted(str(each) for (each,) in found))
    expected = "20260101, __NULL__, __UNPARTITIONED__"
    yield held("partitions", asked="where 1950, 2200, NULL and 2026-01-01 lie", expected=expected, came=came,
               well=came == expected)  # fmt: skip


CHECKS = (
    Check(name="a load's types", ask=types),
    Check(name="decimals beyond the declared scale", ask=scale, here="it keeps the digits"),
    Check(name="expired partitions", ask=expiry),
    Check(name="values of other centuries", ask=outside, here="it has partitions for all years"),
    Check(name="partitions", ask=partitions),
)
