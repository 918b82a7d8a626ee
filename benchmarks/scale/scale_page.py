"""docs/scale.md, written from the formulas alone: a test writes it anew and compares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import scale_numbers as numbers
from scale_numbers import LIMITS, MANY, ONE, PRICES, READERS

from floodmark.core.bigquery.price import price

TEMPLATE = Path(__file__).parent / "page.md"


def page() -> str:
    """The whole page."""
    small, large, told = numbers.measured(), numbers.measured(numbers.LARGE), numbers.simulated()
    new, one, many = told["new"], ONE.a_day(), MANY.a_day()
    return TEMPLATE.read_text(encoding="utf-8").format(
        date=small["date"],
        one_days=ONE.days, one_touched=ONE.touched, many_touched=MANY.touched,
        per_row=_table(
            ("bytes a row", f"{numbers.SMALL:,} rows", f"{numbers.LARGE:,} rows"),
            [
                (label, f"{small[what] / numbers.SMALL:.1f}", f"{large[what] / numbers.LARGE:.1f}")
                for label, what in (("PostgreSQL's heap", "heap"), ("on the wire, binary COPY", "copied"),
                                    ("Parquet in the stage", "staged"))
            ],
        ),
        held=f"{numbers.held():.0f}",
        objects=small["objects"],
        jobs=sum(small["jobs"].values()),
        writes=small["writes"],
        written=_bytes(small["written"]),
        run=_both(
            ("rows read", lambda s: f"{s.rows_a_run:,.0f}"),
            ("Parquet staged", lambda s: _bytes(s.staged_a_run)),
            ("objects in the stage", lambda s: f"{s.objects_a_run}"),
            ("BigQuery jobs", lambda s: f"{s.jobs_a_run}"),
            ("partitions of current touched", lambda s: f"{s.touched}"),
            ("rows in them", lambda s: f"{s.touched_rows:,.0f}"),
            ("the MERGE processes", lambda s: _bytes(s.merged_a_run)),
            ("the same, were current not partitioned", lambda s: _bytes(s.unpartitioned_a_run)),
            ("checks process", lambda s: _bytes(s.asked_a_run)),
        ),
        source=_both(
            ("bytes a second, evenly over the hour", lambda s: _bytes(s.wire)),
            ("seconds of one reader per run and table", lambda s: f"{s.rows_a_run / small['rows_per_second']:,.1f}"),
            ("connections of a table at once", lambda s: "2, and one more for each further reader"),
        ),
        limits=_table(
            ("limit", "BigQuery's or Cloud Storage's", ONE.name, MANY.name),
            [
                (f"[{limit.what}]({limit.page})", *(_said(count, key) for count in (limit.most, one[key], many[key])))
                for key, limit in LIMITS.items() if key != "object"
            ],
        ),
        ledger=_both(
            ("runs a year", lambda s: f"{8766 * s.tables:,}"),
            ("ledger after a year", lambda s: _bytes(s.ledger_a_year)),
            ("writes to it a month", lambda s: f"{s.tables * small['writes'] * numbers.RUNS_A_MONTH:,.0f}"),
        ),
        each_read=f"{told['read_bytes'] / told['reads']:,.0f}",
        head_most=f"{told['head_most']:,}",
        segments=told["segments_most"],
        money=_money(),
        unpartitioned=_usd(numbers.RUNS_A_MONTH * price(ONE.unpartitioned_a_run)),
        prices=_table(
            ("what", "price", "page"), [(what, f"{usd:g}", f"<{link}>") for what, usd, link in PRICES.values()]
        ),
        first=_table(
            ("readers", *map(str, READERS)),
            [
                (source.name if source is ONE else "one of the 1,000",
                 *(_length(source.first_load(each)) for each in READERS))
                for source in (ONE, MANY)
            ],
        ),
        rate=f"{small['rows_per_second']:,}",
        parquet=_bytes(ONE.rows * numbers.each("staged")),
        parts=_table(
            ("`first_load_rows`", "parts, a load job each", "MERGE, where the key follows the partitions",
             "where it doesn't"),
            [
                (f"{rows:,.0f}", f"{ONE.parts(rows):,.0f}", _usd(price(ONE.first_merged(rows, follows=True))),
                 _usd(price(ONE.first_merged(rows, follows=False))))
                for rows in numbers.PARTS
            ],
        ),
        tables=f"{told['tables']:,}",
        hours=f"{told['hours']:,}",
        again=f"{told['again'] / new:.1%}",
        without_ids=f"{told['without_ids']:.0%}",
        recheck=f"{told['recheck'] / new:.2%}",
        asked=f"{told['asked_again'] / new:.2%}",
        arms=f"{told['arms'] / told['reads']:.2f}",
        lags=_table(
            ("share of slices", *(f"{float(share):.1%}" for share in told["lag"])),
            [("sealed after its end within", *(_length(lag) for lag in told["lag"].values()))],
        ),
        failed=f"{told['failed']:,}", died=f"{told['died']:,}", reloaded=f"{told['reloaded']:,}",
        backfilled=f"{told['backfilled']:,}", paused=f"{told['paused']:,}",
        shortest=f"{numbers.shortest_run():.0f}",
        most_loads=f"{LIMITS['loads'].most:,.0f}",
        raw_week=_usd(ONE.stored_raw(7)),
        most_bytes=_bytes(LIMITS["bytes"].most),
        most_rows=f"{LIMITS['bytes'].most / numbers.each('staged') / 1e9:,.0f}",
        most_partitions=f"{LIMITS['table'].most:,.0f}",
        years=f"{LIMITS['table'].most / 365.25:.0f}",
        months=f"{LIMITS['table'].most / 24 / 30.44:.0f}",
    )  # fmt: skip


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [" | ".join(head), " | ".join(["---", *["---:"] * (len(head) - 1)]), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _both(*rows: tuple[str, object]) -> str:
    """A line for each formula, a column for each source."""
    return _table(("", ONE.name, MANY.name), [(label, formula(ONE), formula(MANY)) for label, formula in rows])  # type: ignore[operator]


def _money() -> str:
    one, many = ONE.a_month(), MANY.a_month()
    rows = [(label, _usd(one[label]), _usd(many[label])) for label in one]
    return _table(
        ("USD a month", ONE.name, MANY.name), [*rows, ("**in all**", *(_usd(sum(s.values())) for s in (one, many)))]
    )


def _said(count: float, key: str) -> str:
    return _bytes(count) if key == "bytes" else f"{count:,.0f}"


def _bytes(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} TB" if count < 1000 else f"{count / 1000:,.3g} PB"


def _usd(amount: float) -> str:
    return f"{amount:,.0f}" if amount >= 10 else f"{amount:,.2f}"


def _length(seconds: float) -> str:
    return (
        f"{seconds:,.0f} s"
        if seconds < 600
        else f"{seconds / 60:,.0f} min"
        if seconds < 7200
        else f"{seconds / 3600:,.1f} h"
    )
