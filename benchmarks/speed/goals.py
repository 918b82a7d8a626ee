"""What reading is to reach, and whether this document shows it."""

from __future__ import annotations

from collections.abc import Iterator

from contestants import OPTIMISED
from results import Results

Goal = tuple[str, str, bool | None]
"""In words, what was found, whether it is met; None: this document doesn't say."""

ONE, TWO, DUCKDB = "floodmark-1", "floodmark-2", "duckdb"
MOST_OF_COPY = {ONE: 0.90, TWO: 0.75}
DRIVERS = {"": "", OPTIMISED: ", ADBC optimised"}
"""What ends the names of ours, and says so."""
LEAST_TIMES = {"dlt-pyarrow": 35, "operator-csv": 40, "sling": 12}
MOST_MIB = 150


def goals(results: Results) -> list[Goal]:
    """Those that this document has numbers for, and those that it should."""
    shape = next(iter(results.document["shapes"]))
    return [
        goal
        for end, words in DRIVERS.items()
        if not end or ONE + end in results.document["contestants"]
        for goal in (
            *_of_copy(results, shape, end, words),
            _duckdb(results, end, words),
            *_times_slower(results, shape, end, words),
            _memory(results, end, words),
        )
    ]


def _ratio(results: Results, shape: str, size: int, name: str) -> float | None:
    if name not in results.document["contestants"]:
        return None
    found = results.ratio(shape, results.rows_of(shape, size, name), name)
    return found.middle if found else None


def _of_copy(results: Results, shape: str, end: str, driver: str) -> Iterator[Goal]:
    size = results.sizes(shape)[0]
    for name, most in MOST_OF_COPY.items():
        who = "one reader" if name == ONE else "two readers"
        words = f"{who}{driver}, `{shape}`: at most {most:.2f} of COPY's time"
        found = _ratio(results, shape, size, name + end)
        yield (words, "-", None) if found is None else (words, f"{found:.2f}", found <= most)


def _duckdb(results: Results, end: str, driver: str) -> Goal:
    words, lost, compared = f"ahead of DuckDB in every shape{driver}", [], 0
    for shape in results.document["shapes"]:
        for size in results.sizes(shape):
            its = _ratio(results, shape, size, DUCKDB)
            ours = [one for name in (ONE, TWO) if (one := _ratio(results, shape, size, name + end)) is not None]
            if its is not None and ours:
                compared += 1
                lost += [f"{shape} {min(ours) / its:.2f}"] if min(ours) >= its else []
    if not compared:
        return words, "-", None
    told = f"in {compared - len(lost)} of {compared}" + (f"; of DuckDB's time: {', '.join(lost)}" if lost else "")
    return words, told, not lost


def _times_slower(results: Results, shape: str, end: str, driver: str) -> Iterator[Goal]:
    size = results.sizes(shape)[0]
    own = _ratio(results, shape, size, ONE + end)
    for name, least in LEAST_TIMES.items():
        its = _ratio(results, shape, size, name)
        label = results.document["contestants"].get(name, {}).get("label", name)
        words = f"one reader{driver}, `{shape}`: at least {least} times as fast as {label}"
        yield (words, "-", None) if its is None or own is None else (words, f"{its / own:.1f}", its / own >= least)


def _memory(results: Results, end: str, driver: str) -> Goal:
    own = (ONE + end, TWO + end)
    peaks = [one["peak"] for one in results.document["measures"] if one["contestant"] in own]
    peaks += [one["peak"] for one in results.document["memory"] if one["contestant"] in own]
    words = f"peak memory at most {MOST_MIB} MiB{driver}, all shapes and sizes"
    return (words, f"up to {max(peaks):.0f}", max(peaks) <= MOST_MIB) if peaks else (words, "-", None)
