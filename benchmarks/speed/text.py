"""The report as a page: every number on it is worked out of the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contestants import BASE
from goals import goals
from results import Results, Spread

BUSY = 0.1
"""Cores that others may have on a quiet machine."""

MANY = 1_000_000
"""Rows from which on a ratio is one of rows."""

Cell = Callable[[str, int, str], str]


def markdown(results: Results) -> str:
    """The whole page."""
    parts = [_head(results), _first_shape(results), _goals(results), _all_shapes(results), _memory(results)]
    parts += [_mysql(results), _left_out(results), _how(results)]
    return "\n".join(filter(None, parts))


def _table(heads: list[str], lines: list[list[str]]) -> str:
    rule = "| --- |" + " ---: |" * (len(heads) - 1)
    return "\n".join([f"| {' | '.join(heads)} |", rule, *(f"| {' | '.join(line)} |" for line in lines)]) + "\n"


def _times(spread: Spread | None, digits: int = 2) -> str:
    """``0.95 (0.93 to 1.01)``; a single measurement has no spread."""
    if spread is None:
        return "-"
    digits = 0 if spread.middle >= 100 else 1 if spread.middle >= 10 else digits
    middle = f"{spread.middle:,.{digits}f}"
    return middle if spread.count == 1 else f"{middle} ({spread.low:,.{digits}f} to {spread.high:,.{digits}f})"


def _middle(spread: Spread | None, digits: int) -> str:
    return "-" if spread is None else f"{spread.middle:,.{digits}f}"


def _mebibytes(spread: Spread | None) -> str:
    return f"{spread.middle / 2**20:,.1f}" if spread and spread.middle else "-"


def _head(results: Results) -> str:
    document = results.document
    about = document["machine"]
    until = "" if document["whole"] else ", when it was interrupted"
    said = "; ".join(value if name == "machine" else f"{name} {value}" for name, value in about.items())
    return f"""# How fast it reads

<!-- Written by make bench from report.json; don't edit it. -->

A slice of one table, read from PostgreSQL and written to Parquet: by Floodmark, and by what else reads such tables,
in one run on one machine. The measure is a raw `COPY (the same query) TO STDOUT` as text, thrown away as it comes: **a
ratio of 1 is the time of that COPY** of the same rows in the same round. Server and readers share the machine's cores.

![Wall time as a ratio to a raw COPY](report.svg)

{document["began"]} to {document["ended"][11:]}{until}. {said}.

{_quiet(results)}{_few(results)}
"""


def _quiet(results: Results) -> str:
    """Whether the machine had anything else to do."""
    load = results.document["load"]
    others = Spread.of([one["others"] for one in results.document["measures"]])
    if others is None:
        return "Nothing was measured."
    cores = f"{others.middle:.2f} cores, at most {others.high:.2f}"
    said = f"the load average was {load['before']:.2f} before and {load['after']:.2f} after"
    if others.middle > BUSY:
        return (
            f"**The machine was busy with other things** while this was measured ({cores}; {said}): take the ratios "
            "with care, and the seconds not at all."
        )
    return f"The machine was quiet: other things had {cores}; {said}."


def _few(results: Results) -> str:
    """That a ratio of few rows says little."""
    shape, size = _rows_of_first(results)
    spread = results.spread(shape, size, BASE, "seconds")
    if size >= MANY or spread is None:
        return ""
    return (
        f"\n\n**So few rows say little**: a COPY of `{shape}` ended after {spread.middle:.2f} s, so what a read needs "
        "once weighs more here than its rows."
    )


def _rows_of_first(results: Results) -> tuple[str, int]:
    shape = next(iter(results.document["shapes"]))
    return shape, results.sizes(shape)[0]


def _first_shape(results: Results) -> str:
    shape, size = _rows_of_first(results)
    lines = []
    for name in results.contestants():
        rows = results.rows_of(shape, size, name)
        if not results.measures(shape, rows, name):
            continue

        def spread(value: str, name: str = name, rows: int = rows) -> Spread | None:
            return results.spread(shape, rows, name, value)

        lines.append(
            [
                results.document["contestants"][name]["label"],
                f"**{_times(results.ratio(shape, rows, name))}**",
                _times(spread("seconds")),
                _times(spread("cpu")),
                _middle(spread("server_cpu"), 2),
                _middle(spread("peak"), 0),
                _mebibytes(spread("bytes")),
                _middle(spread("start"), 1),
                f"{rows:,}",
            ]
        )
    heads = ["", "of COPY's time", "wall s", "CPU s", "server's CPU s", "peak MiB", "files MiB", "start s", "rows"]
    return f"""## {results.document["shapes"][shape].capitalize()}

{_table(heads, lines)}
Medians; in brackets the least and the most, where there was more than one round ({results.document["tries"]} were
asked for). *Wall* and *CPU* (user and system, with children) are of the read alone: connecting, reading, writing,
closing. *Start* is what the process took before it, above all its imports. *Peak* is the memory of all its processes,
imports included. *The server's CPU* is that of all its processes. Slow ones get fewer rows; their ratio is to a COPY of
just those, and holds what they need once for any number of rows.
"""


def _goals(results: Results) -> str:
    lines = [[words, found, {True: "yes", False: "**no**", None: "-"}[met]] for words, found, met in goals(results)]
    shape, size = _rows_of_first(results)
    return f"""## Goals

They are meant for tables of some million rows and a quiet machine; here `{shape}` has {size:,} rows.

{_table(["goal", "found", "met"], lines)}"""


def _matrix(results: Results, names: list[str], cell: Cell) -> str:
    """A line for each shape and size, a column for each contestant."""
    lines = []
    for shape in results.document["shapes"]:
        for size in results.sizes(shape):
            rows = {results.rows_of(shape, size, name) for name in names}
            cells = [cell(shape, results.rows_of(shape, size, name), name) for name in names]
            if set(cells) != {"-"}:
                lines.append([shape, ", ".join(f"{one:,}" for one in sorted(rows)), *cells])
    return _table(["shape", "rows", *(results.document["contestants"][name]["label"] for name in names)], lines)


def _all_shapes(results: Results) -> str:
    fast = [name for name in results.contestants(lambda one: not one["is_slow"]) if name != BASE]
    slow = list(results.contestants(lambda one: one["is_slow"]))

    def ratio(shape: str, rows: int, name: str) -> str:
        return "can't" if results.failure(shape, rows, name) else _times(results.ratio(shape, rows, name))

    def of(value: str, digits: int) -> Cell:
        return lambda shape, rows, name: _middle(results.spread(shape, rows, name, value), digits)

    shapes = "\n".join(f"- `{name}`: {what}" for name, what in results.document["shapes"].items())
    parts = [f"## Every shape\n\n{shapes}\n\nOf COPY's time, the median and in brackets the least and the most:\n"]
    parts += [_matrix(results, names, ratio) for names in (fast, slow) if names]
    parts.append(f"CPU seconds of the reader, medians:\n\n{_matrix(results, [BASE, *fast], of('cpu', 2))}")
    parts.append(f"Peak memory in MiB, medians:\n\n{_matrix(results, fast, of('peak', 0))}")
    if slow:
        parts.append(_matrix(results, slow, of("peak", 0)))
    return "\n".join(parts)


def _memory(results: Results) -> str:
    found = results.document["memory"]
    if not found:
        return ""
    labels = results.document["contestants"]
    lines = [
        [
            labels[one["contestant"]]["label"],
            f"{one['rows']:,}",
            f"{one['peak']:.0f}",
            f"{one['seconds']:.2f}",
            f"{one['bytes'] / 2**20:,.1f}",
        ]
        for one in sorted(found, key=lambda one: (one["contestant"], one["rows"]))
    ]
    heads = ["", "rows", "peak MiB", "wall s", "files MiB"]
    return f"## Memory\n\nThe ten columns, read once each:\n\n{_table(heads, lines)}"


def _mysql(results: Results) -> str:
    found: dict[str, Any] | None = results.document["mysql"]
    if found is None:
        return ""
    if "missing" in found:
        return f"## MariaDB\n\nLeft out: {found['missing']}\n"
    client, read = Spread.of(found["client"]), Spread.of(found["read"])
    ratio = Spread.of([own / its for own, its in zip(found["read"], found["client"], strict=True)])
    lines = [[f"{found['rows']:,}", f"**{_times(ratio)}**", _times(read), _times(client), f"{found['peak']:.0f}"]]
    heads = ["rows", "of the client's CPU", "read CPU s", "client CPU s", "peak MiB"]
    return f"""## MariaDB

A table of ten columns to record batches, beside MariaDB's own client to nothing (`mariadb --quick`): CPU time of either
process, which holds at any load of the machine. {found["version"]}.

{_table(heads, lines)}"""


def _left_out(results: Results) -> str:
    labels = {name: one["label"] for name, one in results.document["contestants"].items()}
    lines = [f"- {labels[name]} can't be had here: {why}" for name, why in results.document["missing"].items()]
    lines += [
        f"- {labels[one['contestant']]}, {one['shape']}, {one['rows']:,} rows: {one['reason']}"
        for one in results.document["failures"]
    ]
    return "## Who couldn't\n\n" + "\n".join(lines) + "\n" if lines else ""


def _how(results: Results) -> str:
    lines = [
        [one["label"], one["writes"], one["how"], results.document["versions"].get(name, "-") or "-"]
        for name, one in results.document["contestants"].items()
    ]
    return f"""## How each was run

{_table(["", "writes", "how", "versions"], lines).replace("---: |", "--- |")}
Each in an environment of its own, made from `benchmarks/speed/pins`, a process of its own for each measurement. A round
measures all of them once, the next begins with another one. Files are written to this machine; nobody uploads.
`make bench` does it again; `python benchmarks/speed/run.py --help` has the options.
"""
