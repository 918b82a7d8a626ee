"""``docs/types.md`` of every source's table: ``python -m floodmark.adapters.types_page > docs/types.md``."""

from __future__ import annotations

from floodmark.adapters.mysql import types_page as mysql
from floodmark.adapters.postgres import types_page as postgres


def text() -> str:
    """The page."""
    return postgres.text() + mysql.text()


def main() -> None:
    """Print it."""
    print(text(), end="")


if __name__ == "__main__":
    main()
