"""SQL in one line without a comment, as an export's query has to be."""

from __future__ import annotations

import re

from floodmark.errors import SourceRefused

_TOKENS = re.compile(
    r"""
      (?P<kept> [eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
        | \$(?P<tag>(?:[A-Za-z_]\w*)?)\$.*?\$(?P=tag)\$ )
    | (?P<comment> --[^\n]* )
    | (?P<opens> /\* )
    | (?P<space> \s+ )
    | (?P<word> \w+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_NESTED = re.compile(r"/\*|\*/")


def one_line(text: str, where: str) -> str:
    """The same SQL in one line: comments and line ends between its words become blanks.

    Raises ``SourceRefused`` for a line's end within a string or a name: there it would be another value.
    """
    parts: list[str] = []
    at = 0
    while at < len(text):
        found = _TOKENS.match(text, at)
        assert found is not None  # any character is a word
        at = found.end()
        if found["opens"]:
            at = _comment_end(text, at)
        if found["opens"] or found["comment"] or found["space"]:
            if parts[-1:] != [" "]:
                parts.append(" ")
        else:
            if found["kept"] and re.search(r"[\r\n]", found["kept"]):
                raise SourceRefused(
                    f"{where}: a string or a name in its where has an end of a line in it, and an export's query is "
                    r"one line; write it as an escape: E'\n'"
                )
            parts.append(found[0])
    return "".join(parts).strip()


def _comment_end(text: str, at: int) -> int:
    depth = 1
    while depth:
        found = _NESTED.search(text, at)
        if found is None:
            return len(text)
        depth += 1 if found[0] == "/*" else -1
        at = found.end()
    return at
