"""Record batches into one compressed file of NDJSON or CSV, as BigQuery's load jobs read their values back exactly.

By BigQuery's pages "Loading JSON data", "Loading CSV data" and "Job" (JobConfigurationLoad). Whole columns are written
at once; of a row only its line is made. A NULL is ``null`` in JSON; in a CSV it is a marker that no value can be, as an
empty text is one. Numbers of more digits than a double's are texts in JSON, bytes are base64, moments are in UTC.
"""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from floodmark.adapters.stage.parquet import Sink
from floodmark.errors import FatalError

if TYPE_CHECKING:
    import pyarrow as pa

MOST_BYTES = 4 * 1000**3
"""BigQuery's page "Quotas and limits", *Load jobs*: a compressed file of CSV or JSON holds no more."""
_GZIP = zlib.MAX_WBITS | 16
_CONTROL = r"[\x00-\x1f\"\\]"


def null_marker() -> str:
    """What stands for NULL in one CSV: nobody who writes a value can know it."""
    return f"\\N{secrets.token_hex(16)}"


class TextFile:
    """One file written to ``sink`` as it grows, NDJSON; or a CSV without a header, where it has a ``null_marker``."""

    def __init__(self, sink: Sink, schema: pa.Schema, *, null_marker: str = "") -> None:
        self._sink, self._schema, self._marker = sink, schema, null_marker
        self._compress = zlib.compressobj(wbits=_GZIP)
        self._bytes = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch. Raises ``FatalError`` for more than a load job takes."""
        lines = self._csv(batch) if self._marker else self._ndjson(batch)
        self._put(self._compress.compress("".join(line + "\n" for line in lines.to_pylist()).encode()))

    def close(self) -> None:
        """Write what waits."""
        self._put(self._compress.flush())

    def _put(self, data: bytes) -> None:
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            raise FatalError(
                f"a compressed file of text has {self._bytes:,} bytes, and BigQuery loads no more than {MOST_BYTES:,}: "
                "nothing was staged; write format: parquet, or a smaller first_load_rows"
            )
        if data:
            self._sink.write(data)

    def _csv(self, batch: pa.RecordBatch) -> Any:
        import pyarrow.compute as pc

        columns = [
            pc.fill_null(_quoted(_text(column)) if _is_text(column) else _text(column), self._marker)
            for column in batch.columns
        ]
        return pc.binary_join_element_wise(*columns, ",")

    def _ndjson(self, batch: pa.RecordBatch) -> Any:
        import pyarrow.compute as pc

        members = [
            pc.binary_join_element_wise(json.dumps(name) + ":", pc.fill_null(_json(column), "null"), "")
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        return pc.binary_join_element_wise("{", pc.binary_join_element_wise(*members, ","), "}", "")


def _json(column: pa.Array) -> Any:
    """A column's values as JSON writes them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    text = _text(column)
    if pa.types.is_boolean(column.type):
        return text
    if _is_text(column):
        return _escaped(text)
    quoted = pc.binary_join_element_wise('"', text, '"', "")
    if not pa.types.is_floating(column.type):
        return quoted
    return pc.if_else(pc.is_finite(column), text, quoted)


def _text(column: pa.Array) -> Any:
    """A column's values as texts that BigQuery casts to its type; NULL stays NULL."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array(
            [None if one is None else base64.b64encode(one).decode() for one in column.to_pylist()], "string"
        )
    if pa.types.is_timestamp(kind):
        return pc.binary_join_element_wise(column.cast(pa.timestamp("us")).cast("string"), "+00:00", "")
    if pa.types.is_decimal(kind):
        return pa.array([None if one is None else f"{one:f}" for one in _decimals(column)], "string")
    if pa.types.is_floating(kind):
        return _float(column.cast("double"))
    return column.cast("string")


def _decimals(column: pa.Array) -> list[Decimal | None]:
    return column.to_pylist()  # type: ignore[no-any-return]


def _float(column: pa.Array) -> Any:
    """All digits that tell it from its neighbours; and the words by which BigQuery knows what is no number."""
    import pyarrow.compute as pc

    text = column.cast("string")
    text = pc.if_else(pc.equal(text, "-0"), "-0.0", text)
    for infinite, word in ((float("inf"), "Infinity"), (float("-inf"), "-Infinity")):
        text = pc.if_else(pc.equal(column, infinite), word, text)
    return pc.if_else(pc.is_nan(column), "NaN", text)


def _is_text(column: pa.Array) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _quoted(text: pa.Array) -> Any:
    """A text in a CSV: always in quotes, which are doubled within it."""
    import pyarrow.compute as pc

    return pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")


def _escaped(text: pa.Array) -> Any:
    """A text in JSON."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pc.any(pc.match_substring_regex(text, _CONTROL)).as_py():
        dumped = [None if one is None else json.dumps(one, ensure_ascii=False) for one in text.to_pylist()]
        return pa.array(dumped, "string")
    return pc.binary_join_element_wise('"', text, '"', "")
