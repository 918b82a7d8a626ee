"""What a case consists of: a table, steps, and how it must end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.silence.shop import Shop

Step = Callable[[Shop], None]
KEYED = "id bigint PRIMARY KEY, v text, updated_at timestamptz NOT NULL"


@dataclass(frozen=True, kw_only=True)
class Equal:
    """Current holds the source's rows; or, where ``columns`` are named, just ``rows`` of them, ordered by the first."""

    columns: str = ""
    rows: Sequence[tuple[Any, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A command said no, in words that match ``words``."""

    words: str


@dataclass(frozen=True, kw_only=True)
class Told:
    """``prove``, ``balance`` or ``status`` say so, in words that match ``words``."""

    words: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One table ``t`` of a source. ``columns`` make it, ``table`` is its mapping in the file; steps follow.

    ``source`` are further lines at the file's left margin. ``key``, ``where`` and ``deleted`` tell the comparison what
    the file means in the end: which columns tell rows apart, which rows are selected, and by which column they are
    marked as deleted.
    """

    rule: str
    name: str
    steps: Sequence[Step]
    want: Equal | Refused | Told
    columns: str = KEYED
    table: str = "{}"
    source: str = ""
    key: tuple[str, ...] = ("id",)
    where: str = ""
    deleted: str = ""
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        """For people, and pytest's ids."""
        return f"{self.rule} {self.name}"


def cases_in(package: str, folder: Path) -> tuple[Case, ...]:
    """Those of all modules of a package: each has a tuple ``CASES``, by the subject of its rules."""
    names = sorted(path.stem for path in folder.glob("[a-z]*.py"))
    return tuple(case for name in names for case in import_module(f"{package}.{name}").CASES)


def sql(*statements: str) -> Step:
    """Statements in the source, each committed. ``{h0}``, ``{h1}`` ... are moments ten minutes into those hours."""
    return lambda shop: shop.sql(*statements)


def run(*hours: int) -> Step:
    """What the schedule does in these hours, one after another; a refusal is remembered, and goes on."""
    return lambda shop: [shop.run(hour) for hour in hours] and None


def reload() -> Step:
    """The table read whole, on demand."""
    return lambda shop: shop.command("reload", shop.file, "t")


def reconcile(*words: str) -> Step:
    """Source and current compared key by key."""
    return lambda shop: shop.command("reconcile", shop.file, "t", *words)


def balance(*words: str) -> Step:
    """What the daily upkeep looks at."""
    return lambda shop: shop.command("balance", shop.file, "t", *words)


def check() -> Step:
    """The file held against the catalog."""
    return lambda shop: shop.command("check", shop.file, "--online")


def plan(*words: str) -> Step:
    """What the next run would do."""
    return lambda shop: shop.command("plan", shop.file, *words)


def table(mapping: str) -> Step:
    """The table's mapping in the file is written anew."""
    return lambda shop: shop.write(table=mapping)


def source(lines: str) -> Step:
    """Lines at the file's left margin are written anew."""
    return lambda shop: shop.write(source=lines)


def own_select(text: str) -> Step:
    """A SELECT of one's own, in the file that the table's name finds."""
    return lambda shop: shop.own_select(text)


def bigquery(*statements: str) -> Step:
    """Somebody else's statements in BigQuery; ``{current}`` and ``{raw}`` are the tables, ``{copy}`` is one beside."""
    return lambda shop: shop.bigquery(*statements)


def each(*steps: Step) -> Step:
    """Several steps as one."""

    def all_of(shop: Shop) -> None:
        for step in steps:
            step(shop)

    return all_of
