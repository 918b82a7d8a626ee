"""Where the local BigQuery server treats values otherwise than the real one, and what is done to be right there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """``local`` is what the local server does, ``real`` what BigQuery is documented to do, ``done`` what follows."""

    local: str
    real: str
    done: str


_GATE = "the gate before the local server refuses it"
_EVALUATOR = "such values are staged in the tests, and converted by Google's own evaluator"

DEVIATIONS = (
    Deviation(
        local="BIGNUMERIC without digits is DECIMAL(38, 18): a value of 30 digits before the point fails the MERGE, "
        "one of 1e-38 becomes 0",
        real="38 digits before the point and 38 after it",
        done=_EVALUATOR,
    ),
    Deviation(
        local="a NUMERIC column can't become BIGNUMERIC, which has fewer digits before the point there",
        real="ALTER COLUMN SET DATA TYPE widens it",
        done="INT64 to NUMERIC, and more digits of a BIGNUMERIC, are tried; Google's own analyzer is asked of the rest",
    ),
    Deviation(
        local="a Parquet decimal(38, 0) fails the load, a decimal256 is read as FLOAT64",
        real="both load as BIGNUMERIC where decimalTargetTypes names it",
        done=f"no decimal256 is staged: above 38 digits in all it lands as text; {_EVALUATOR}",
    ),
    Deviation(
        local="INT64 takes 1.5 and makes 2 of it, STRING takes bytes, any text casts itself into any type",
        real="refused where no cast is written",
        done=f"{_GATE} (Google's analyzer); the worker casts each value to the declared type, and what doesn't fit is "
        "a bad value (R31)",
    ),
    Deviation(
        local="a Parquet file's columns are coerced to the table's types",
        real="a file whose type isn't that of the column is refused",
        done=f"{_GATE} (it reads the file's footer); only what Parquet maps natively is staged, the MERGE converts",
    ),
    Deviation(
        local="a timestamp of Parquet loads straight into DATETIME, a text into JSON",
        real="a timestamp that says it is in UTC loads as TIMESTAMP, and JSON isn't loaded from Parquet",
        done="a naive timestamp lands as TIMESTAMP in UTC, and is made a DATETIME by the MERGE, which names the zone",
    ),
    Deviation(
        local="Parquet's UUID and JSON load as text",
        real="they load as BYTES",
        done="a uuid and a json are texts before they are staged",
    ),
    Deviation(
        local="days and moments outside the years 1 to 9999 are taken, and then no client reads the result",
        real="the load fails",
        done="they are bad values in the worker: NULL, their text beside them; `24:00:00` likewise",
    ),
    Deviation(
        local="STRING(3) holds four letters",
        real="refused",
        done="no length is declared in BigQuery: varchar(n) is STRING",
    ),
    Deviation(
        local="PARSE_JSON(..., wide_number_mode=>'round') fails in a MERGE",
        real="it is taken",
        done=f"json and jsonb stay text where nothing else is chosen; what is rounded goes no further than "
        f"the stage in tests: {_EVALUATOR}",
    ),
)
