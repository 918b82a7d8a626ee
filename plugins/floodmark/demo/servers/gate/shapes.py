"""A statement's shape: its text, but for what doesn't decide whether it is valid. Answers are remembered by it.

Datasets get numbers in the order in which they come, and moments (``TIMESTAMP '...'``) too: a test's datasets have
random names, and each run reads at another moment. What stood there is kept beside the shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|\#[^\n]*|/\*.*?\*/)
  | (?P<string>(?:rb|br|r|b)?(?:\"\"\"(?:\\.|.)*?\"\"\"|'''(?:\\.|.)*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'))
  | (?P<quoted>`(?:\\.|[^`\\\n])*`)
  | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
  | (?P<number>\d[\w.]*)
  | (?P<parameter>@{1,2}\w+)
  | (?P<sign>.)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_MOMENT = re.compile(r"(['\"])(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d:\d\d)(\.\d{1,6})?(\+00:00|\+00|Z)?)?\1")
_BEFORE_A_TABLE = frozenset(
    ["FROM", "JOIN", "INTO", "MERGE", "UPDATE", "TABLE", "DELETE", "USING", "EXISTS", "VIEW", "CLONE", "LIKE", "COPY"]
)
_MOMENTS = frozenset(("DATE", "DATETIME", "TIMESTAMP"))
FIRST_MARKER = date(2001, 1, 1)
"""The day that stands for a statement's first moment; the next day for its second, and so on."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """One token of a statement: its kind (the groups of the pattern), and its text as it stands there."""

    kind: str
    text: str
    blank: str = ""
    """Blanks and comments before it."""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What a statement has in common with others, and what is its own.

    ``tables``: ``(project, dataset, table)`` by the dataset's number and the table's name in ``text``.
    ``moments``: the texts that stood where ``text`` has the markers. ``created``: what a CREATE names.
    ``verb``: the first word. ``statements``: how many there are; the shape is that of all.
    """

    text: str
    tables: Mapping[tuple[str, str], tuple[str, str, str]]
    moments: tuple[str, ...]
    verb: str = ""
    created: tuple[str, ...] = ()
    statements: int = 1


def tokens(sql: str) -> list[Token]:
    """The statement cut into tokens."""
    found, blank = [], ""
    for match in _TOKEN.finditer(sql):
        if match.lastgroup == "blank":
            blank += match.group()
        else:
            found.append(Token(kind=match.lastgroup or "", text=match.group(), blank=blank))
            blank = ""
    return found


def shape(sql: str, resolve: Callable[[tuple[str, ...]], tuple[str, str, str] | None]) -> Shape:
    """The statement's shape. ``resolve`` says which table a path of names stands for, or None."""
    return _Shaper(sql, resolve).shape()


class _Shaper:
    def __init__(self, sql: str, resolve: Callable[[tuple[str, ...]], tuple[str, str, str] | None]) -> None:
        self._tokens = tokens(sql)
        self._resolve = resolve
        self._datasets: dict[tuple[str, str], str] = {}
        self._tables: dict[tuple[str, str], tuple[str, str, str]] = {}
        self._moments: dict[str, str] = {}
        self._created: list[str] = []

    def shape(self) -> Shape:
        words: list[str] = []
        kinds, place, last = self._tokens, 0, ""
        creates = bool(kinds) and kinds[0].text.upper() == "CREATE"
        while place < len(kinds):
            token, end = kinds[place], place + 1
            written = token.text
            if token.kind in ("word", "quoted"):
                after, names = self._path(kinds, place)
                if names:
                    end = after
                    first = creates and not self._tables and not self._created
                    written = self._table(names, last, creates=first) or "".join(each.text for each in kinds[place:end])
            elif token.kind == "string" and last in _MOMENTS:
                written = self._marker(token.text)
            words += (token.blank, written)
            last, place = token.text.upper(), end
        return Shape(
            text="".join(words),
            tables=self._tables,
            moments=tuple(self._moments),
            verb=kinds[0].text.upper() if kinds else "",
            created=tuple(self._created),
            statements=1 + sum(1 for token in kinds[:-1] if token.text == ";"),
        )

    def _path(self, kinds: list[Token], place: int) -> tuple[int, tuple[str, ...]]:
        """Where a path of names that begins here ends, and its names where it could be a table's, else none."""
        names: list[str] = []
        dotted, end = False, place
        while end < len(kinds) and kinds[end].kind in ("word", "quoted"):
            text = kinds[end].text
            parts = text[1:-1].split(".") if text[0] == "`" else [text]
            dotted |= len(parts) > 1
            names += parts
            end += 1
            while end + 1 < len(kinds) and kinds[end].text == "-" and kinds[end + 1].kind in ("word", "number"):
                if not self._dashed(kinds, place, end):
                    return place, ()
                names[-1] += "-" + kinds[end + 1].text
                end += 2
            if end < len(kinds) and kinds[end].text == ".":
                end += 1
            else:
                break
        before = kinds[place - 1].text.upper() if place else ""
        if len(names) > 1 and (dotted or before in _BEFORE_A_TABLE or before == ","):
            return end, tuple(names)
        if len(names) == 1 and before in _BEFORE_A_TABLE and self._is_bare_table(names[0]):
            return end, tuple(names)
        return place, ()

    def _is_bare_table(self, name: str) -> bool:
        """Whether a name alone is a table of the job's default dataset, and not a query of the statement's own WITH."""
        named = zip(self._tokens, self._tokens[1:], self._tokens[2:], strict=False)
        own = {one.text.strip("`") for one, two, three in named if two.text.upper() == "AS" and three.text == "("}
        return name not in own and self._resolve((name,)) is not None

    @staticmethod
    def _dashed(kinds: list[Token], place: int, end: int) -> bool:
        """Whether the dash belongs to a project's name: only where a table is named, and only in the first part."""
        before = kinds[place - 1].text.upper() if place else ""
        return before in _BEFORE_A_TABLE and all(token.text != "." for token in kinds[place:end])

    def _table(self, names: tuple[str, ...], before: str, *, creates: bool) -> str:
        found = None if creates else self._resolve(names)
        if found is None and creates:
            self._created.append(".".join(names))
            return f"`created`.`{names[-1]}`"
        if found is None:
            return ""
        project, dataset, table = found
        number = self._datasets.setdefault((project, dataset), f"d{len(self._datasets)}")
        self._tables[number, table] = found
        return f"`{number}`.`{table}`"

    def _marker(self, text: str) -> str:
        match = _MOMENT.fullmatch(text)
        if not match:
            return text
        try:
            datetime.fromisoformat(match[2] + (f" {match[4]}" if match[4] else ""))
        except ValueError:
            return text
        if text not in self._moments:
            day = FIRST_MARKER + timedelta(days=len(self._moments))
            clock = f"{match[3]}00:00:00{'.000000' if match[5] else ''}{match[6] or ''}" if match[4] else ""
            self._moments[text] = f"'{day.isoformat()}{clock}'"
        return self._moments[text]
