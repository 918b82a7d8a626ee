"""The formats in which a slice waits in the stage: what the file is called, and what it is told to be."""

from __future__ import annotations

from typing import Literal

Format = Literal["parquet", "ndjson", "csv"]
PARQUET: Format = "parquet"
EXTENSIONS: dict[str, str] = {"parquet": ".parquet", "ndjson": ".ndjson.gz", "csv": ".csv.gz"}
"""The end of an object's name. The texts are always compressed."""
CONTENT_TYPES: dict[str, str] = {
    "parquet": "application/vnd.apache.parquet",
    "ndjson": "application/gzip",
    "csv": "application/gzip",
}
"""No Content-Encoding: Cloud Storage would send the text decompressed, and a load job reads the object as it is."""
