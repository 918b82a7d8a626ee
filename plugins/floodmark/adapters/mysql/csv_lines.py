"""Lines of CSV as raw record batches, for who lands them: by Arrow's own reader, never a value in Python (M27).

Days, moments and times of day stay texts here, since one that is none must come to the quarantine by its own words.
"""

from __future__ import annotations

import re
from binascii import unhexlify
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv

from floodmark.adapters.arrow.columns import arrow_type
from floodmark.adapters.mysql.cells import QUOTE
from floodmark.adapters.mysql.lines import Lines
from floodmark.adapters.mysql.quote import name
from floodmark.core.bigquery.tables import CURSOR
from floodmark.core.carriage import Carriage, Check
from floodmark.errors import SourceRefused

_AS_TEXT = frozenset({Check.DATE, Check.TIME, Check.TIMESTAMP, Check.DECIMAL, Check.MARKED})
FLAG = "_floodmark_gone"


class CsvLines:
    """Takes lines apart. ``carriages`` are those of their columns, in order; the row's moment comes behind them.

    If ``flagged``, the last one says whether the row only says that its key leaves. ``table``, quoted, and the source's
    ``columns`` are for errors.
    """

    def __init__(
        self, carriages: Mapping[str, Carriage], *, flagged: bool = False, table: str = "", columns: Sequence[str] = ()
    ) -> None:
        self._table, self._columns = table, tuple(columns)
        self._binary = [place for place, way in enumerate(carriages.values()) if way.arrow == "binary"]
        types = [_type(way) for way in carriages.values()] + [pa.string()] + ([pa.bool_()] if flagged else [])
        self._names = [*carriages, CURSOR] + ([FLAG] if flagged else [])
        numbered = [f"c{place}" for place in range(len(self._names))]
        self._read = pa.csv.ReadOptions(column_names=numbered, use_threads=False, block_size=(1 << 31) - 1)
        self._parse = pa.csv.ParseOptions(quote_char=QUOTE, newlines_in_values=True, ignore_empty_lines=False)
        self._convert = pa.csv.ConvertOptions(
            column_types=dict(zip(numbered, types, strict=True)),
            null_values=[""],
            true_values=["1"],
            false_values=["0"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )

    def batches(self, blocks: Iterable[Lines]) -> Iterator[Any]:
        """A ``pyarrow.RecordBatch`` for each block of lines. Raises ``SourceRefused`` for a text that is none."""
        for lines in blocks:
            if lines.rows:
                yield self._batch(lines)

    def _batch(self, lines: Lines) -> Any:
        try:
            table = pa.csv.read_csv(
                pa.BufferReader(lines.text),
                read_options=self._read,
                parse_options=self._parse,
                convert_options=self._convert,
            ).combine_chunks()
        except pa.ArrowInvalid as error:
            self._refuse_no_text(str(error))
            raise
        if table.num_rows != lines.rows:
            raise ValueError(f"{lines.rows} rows came as {table.num_rows} lines of CSV")
        arrays = [column.chunk(0) for column in table.columns]
        for place in self._binary:
            arrays[place] = _bytes(arrays[place])
        return pa.record_batch(arrays, names=self._names)

    def _refuse_no_text(self, said: str) -> None:
        """Half of a surrogate pair is a letter to MariaDB, and no UTF-8 to anybody else: Arrow says in which column."""
        found = re.search(r"CSV column #(\d+).*invalid UTF8", said)
        if not found or int(found[1]) >= len(self._columns):
            return
        column = self._columns[int(found[1])]
        raise SourceRefused(
            f"{self._table}: {column} holds a text that is no UTF-8, half of a surrogate pair; mend its rows, found "
            f"by: SELECT * FROM {self._table} WHERE HEX(CONVERT({name(column)} USING utf8mb4)) REGEXP "
            "'^(..)*ED[AB]'; or exclude the column"
        )


def _type(way: Carriage) -> Any:
    return pa.string() if way.check in _AS_TEXT or way.arrow == "binary" else arrow_type(way.arrow)


def _bytes(digits: Any) -> Any:
    values = [None if one is None else unhexlify(one) for one in digits.to_pylist()]
    return pa.array(values, pa.binary())
