"""Positions in a server's transactions, by GTIDs, and which holds which. Pure.

MariaDB's is the last of each domain, ``0-1-270,1-2-5`` (domain, server, number); MySQL's a set,
``3e11fa47-...:1-77:80,...``, since 8.3 with tags between the server's and the numbers.
"""

from __future__ import annotations

import re

_MARIADB = re.compile(r"(\d+)-(\d+)-(\d+)")
Numbers = list[tuple[int, int]]


def holds(position: str, other: str, *, by_server: bool = False) -> bool:
    """Whether all transactions of ``other`` are in ``position``. An empty position holds only an empty one.

    ``by_server``: MariaDB's numbers count for the server that gave them. In a domain a new primary gives on those that
    the last one gave, and that it never got: then the same number is another transaction.
    """
    if not other.strip():
        return True
    parse = (_servers if by_server else _domains) if _MARIADB.match(other.strip()) else _sets
    whole, part = parse(position), parse(other)
    return all(
        any(low <= first and last <= high for low, high in whole.get(name, []))
        for name, numbers in part.items()
        for first, last in numbers
    )


def _domains(text: str) -> dict[str, Numbers]:
    """By domain: all up to its number."""
    return {domain: [(1, int(number))] for domain, _, number in _MARIADB.findall(text)}


def _servers(text: str) -> dict[str, Numbers]:
    """By domain and server: all up to the highest of its numbers."""
    found: dict[str, Numbers] = {}
    for domain, server, number in _MARIADB.findall(text):
        found.setdefault(f"{domain}-{server}", []).append((1, int(number)))
    return found


def _sets(text: str) -> dict[str, Numbers]:
    """By server and tag, neighbours joined."""
    found: dict[str, Numbers] = {}
    for one in filter(None, re.sub(r"\s+", "", text).split(",")):
        server, *parts = one.lower().split(":")
        tag = ""
        for part in parts:
            if not part[:1].isdigit():
                tag = part
                continue
            low, _, high = part.partition("-")
            found.setdefault(f"{server}:{tag}", []).append((int(low), int(high or low)))
    return {name: _joined(sorted(numbers)) for name, numbers in found.items()}


def _joined(numbers: Numbers) -> Numbers:
    joined: Numbers = []
    for low, high in numbers:
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return joined
