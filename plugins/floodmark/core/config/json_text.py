"""A source as one JSON document, of the same shape as the YAML file, where an Airflow Variable holds it.

It is read by the YAML's own code, so that both are held to the same rules in the same words. Lines are left out: who
types into a form's box counts none, and Airflow may have written the text anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from floodmark.core.config import source_file
from floodmark.core.config.readable import readable
from floodmark.core.config.source import SourceConfig
from floodmark.errors import ConfigurationError, Problem

_REMEDY = "write one JSON object, as the YAML would be: {...}"
_LONGEST = 200


def parse(text: str, named: str, environ: Mapping[str, str], sql_files: Collection[str] | None = None) -> SourceConfig:
    """Read one source from JSON. ``named`` says where it comes from; the rest is as in :func:`source_file.parse`.

    Raises:
        ConfigurationError: with every problem that could be found, by its path in the JSON.
    """
    try:
        return source_file.parse(_plain(text, named), named, environ, sql_files)
    except ConfigurationError as error:
        raise ConfigurationError([replace(problem, file=named) for problem in error.problems]) from None


def _plain(text: str, named: str) -> str:
    """The same document as JSON that is YAML too: without tabs between its words, on one line."""
    try:
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise _refused(named, f"is no JSON: {error.msg} at {place}") from None
    except RecursionError:
        raise _refused(named, "is nested too deeply") from None
    except ValueError as error:
        raise _refused(named, readable(str(error), _LONGEST)) from None
    return json.dumps(document).replace("\x7f", "\\u007f")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if twice := next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None:
        raise ValueError(f'has the key "{twice}" twice in one object')
    return dict(pairs)


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"holds {word}, which is no JSON")


def _refused(named: str, message: str) -> ConfigurationError:
    return ConfigurationError([Problem(file=named, path="", message=message, remedy=_REMEDY)])
