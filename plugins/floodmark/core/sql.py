"""Find, render and quote: the only loader of SQL templates.

Templates lie in ``include/sql`` of a checkout and in ``floodmark/sql`` of the wheel. Values reach a template through
a filter (``| literal``, ``| name``) or not at all: an undefined or unfiltered name is an error, not an empty string.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import jinja2

PACKAGE = Path(__file__).resolve().parent.parent


def folder() -> Path:
    """Where the templates lie: inside the installed package, else in the checkout."""
    shipped = PACKAGE / "sql"
    return shipped if shipped.is_dir() else PACKAGE.parent.parent / "include" / "sql"


_COMPILING = Lock()
"""The tables of a batch begin at the same moment: each would compile every template."""


class _Loader(jinja2.FileSystemLoader):
    """Compiles a template once, whoever asks meanwhile."""

    def __init__(self, searched: Path) -> None:
        super().__init__(searched)
        self._loaded: dict[str, jinja2.Template] = {}

    def load(
        self, environment: jinja2.Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> jinja2.Template:
        with _COMPILING:
            if name not in self._loaded:
                self._loaded[name] = super().load(environment, name, globals)
            return self._loaded[name]


@cache
def _environment(quote: Callable[[str], str], literal: Callable[[Any], str]) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=_Loader(folder()),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,
        auto_reload=False,
    )
    environment.filters |= {"name": quote, "literal": literal}
    return environment


def source(name: str) -> str:
    """A template's own text, e.g. ``postgres/look.sql``."""
    return (folder() / name).read_text(encoding="utf-8")


def render(name: str, values: Mapping[str, Any], *, quote: Callable[[str], str], literal: Callable[[Any], str]) -> str:
    """The template filled in. ``quote`` writes an identifier of the dialect, ``literal`` a value.

    Texts that tables have in common are made once a process.
    """
    plain = tuple((key, type(value), value) for key, value in values.items() if type(value) in _PLAIN)
    if len(plain) == len(values):
        return _once(name, plain, quote, literal)
    return _render(name, values, quote, literal)


_PLAIN = (str, bool, int, type(None))
"""Types whose values are equal only where their texts are; the type is part of what is remembered: 1 equals True."""


@lru_cache(maxsize=512)
def _once(
    name: str, plain: tuple[tuple[str, type, Any], ...], quote: Callable[[str], str], literal: Callable[[Any], str]
) -> str:
    return _render(name, {key: value for key, _, value in plain}, quote, literal)


def _render(name: str, values: Mapping[str, Any], quote: Callable[[str], str], literal: Callable[[Any], str]) -> str:
    with _COMPILING:
        environment = _environment(quote, literal)
    return environment.get_template(name).render(values).strip()
