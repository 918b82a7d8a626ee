"""Who reads: the environment of each, its module of ``readers/``, and what is to be known of it."""

from __future__ import annotations

from dataclasses import dataclass

BASE = "copy-text"
"""Its time is what all ratios are of."""

OPTIMISED = "-optimised"
"""Ends the name of who reads with a driver that was compiled so."""


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """``pins`` names a file of ``pins/``; empty: this checkout's own environment.

    ``is_slow``: it gets a part of the rows (``--slow-share``), and is compared with a COPY of the same ones.
    ``is_program``: what it starts does the work, so the memory of its Python is left out.
    ``driver`` names another file of pins: of what it says, Floodmark reads with the library of ADBC's driver.
    ``versions`` are the packages whose versions are told.
    """

    name: str
    label: str
    module: str
    writes: str
    how: str
    argument: str = "-"
    pins: str = ""
    driver: str = ""
    versions: tuple[str, ...] = ()
    is_slow: bool = False
    is_program: bool = False


def _dlt(backend: str) -> Contestant:
    return Contestant(
        name=f"dlt-{backend}",
        label=f"dlt, {backend}",
        module="by_dlt",
        argument=backend,
        pins="dlt",
        versions=("dlt", "sqlalchemy", "pyarrow", "connectorx"),
        writes="Parquet",
        how="`sql_table` of the whole table and `pipeline.run` to its file destination; no telemetry",
        is_slow=True,
    )


def _operator(form: str, written: str) -> Contestant:
    return Contestant(
        name=f"operator-{form}",
        label=f"PostgresToGCSOperator, {written}",
        module="by_airflow",
        argument=form,
        pins="airflow",
        versions=("apache-airflow-core", "apache-airflow-providers-google", "apache-airflow-providers-postgres"),
        writes=written,
        how="`execute()` with a cursor of the server's (2,000 rows), all but its upload: it writes its local file",
        is_slow=True,
    )


def _floodmark(readers: int, words: str, *, optimised: bool = False) -> Contestant:
    how = (
        "the slice by one reader"
        if readers == 1
        else f"by {words} in one snapshot the slice, of less than a million rows the whole table"
    )
    how += ": described, held, checked, digested and written as the stage does"
    if optimised:
        how += (
            "; its ADBC driver is that of 1.8.0's wheel, which was compiled with optimisation (FLOODMARK_ADBC_DRIVER)"
        )
    return Contestant(
        name=f"floodmark-{readers}{OPTIMISED if optimised else ''}",
        label=f"Floodmark, {words}{', ADBC optimised' if optimised else ''}",
        module="by_floodmark",
        argument=str(readers),
        driver="adbc-optimised" if optimised else "",
        versions=("floodmark", *(() if optimised else ("adbc-driver-postgresql",)), "pyarrow", "psycopg2-binary"),
        writes="Parquet, zstd",
        how=how,
    )


def _copy(form: str) -> Contestant:
    return Contestant(
        name=f"copy-{form}",
        label=f"COPY, {form}",
        module="by_psql",
        argument=form,
        writes="nothing",
        how=f"`COPY (…) TO STDOUT (FORMAT {form})` by psql to /dev/null",
        is_program=True,
    )


CONTESTANTS = {
    one.name: one
    for one in (
        _floodmark(1, "one reader"),
        _floodmark(2, "two readers"),
        _floodmark(1, "one reader", optimised=True),
        _floodmark(2, "two readers", optimised=True),
        _copy("text"),
        _copy("binary"),
        Contestant(
            name="psycopg2",
            label="psycopg2, copy_expert",
            module="by_psycopg2",
            pins="psycopg2",
            versions=("psycopg2-binary",),
            writes="nothing",
            how="`COPY (…) TO STDOUT` as text, its lines counted",
        ),
        Contestant(
            name="adbc",
            label="ADBC to Parquet",
            module="by_adbc",
            pins="adbc",
            versions=("adbc-driver-postgresql", "pyarrow"),
            writes="Parquet, zstd",
            how="`fetch_record_batch` to `ParquetWriter`, nothing tuned",
        ),
        Contestant(
            name="connectorx",
            label="connectorx to Parquet",
            module="by_connectorx",
            pins="connectorx",
            versions=("connectorx", "pyarrow"),
            writes="Parquet, zstd",
            how="`read_sql` to an Arrow table, then `write_table`: the whole table is in memory",
        ),
        Contestant(
            name="duckdb",
            label="DuckDB's postgres scanner",
            module="by_duckdb",
            argument="2",
            pins="duckdb",
            versions=("duckdb", "duckdb-extension-postgres-scanner"),
            writes="Parquet, zstd",
            how="`COPY (…) TO … (FORMAT parquet, COMPRESSION zstd)`, two threads: several connections by ctid ranges",
        ),
        Contestant(
            name="sling",
            label="Sling",
            module="by_sling",
            pins="sling",
            versions=("sling-linux-amd64", "sling-linux-arm64"),
            writes="CSV",
            how="`sling run` of the query to a local CSV file (its Parquet fetches a program); no telemetry",
            is_slow=True,
            is_program=True,
        ),
        Contestant(
            name="ingestr",
            label="ingestr",
            module="by_ingestr",
            pins="ingestr",
            versions=("ingestr",),
            writes="CSV",
            how="`ingestr ingest` of the table to a local CSV file",
            is_slow=True,
            is_program=True,
        ),
        _dlt("pyarrow"),
        _dlt("connectorx"),
        _dlt("sqlalchemy"),
        _operator("csv", "CSV"),
        _operator("json", "JSON"),
        _operator("parquet", "Parquet"),
    )
}
"""By the name that ``--only`` takes, in the report's order."""
