"""``${NAME}`` and ``${NAME:-default}`` in configuration values; ``$${`` stands for ``${``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from floodmark.core.refused import Refused

_PLACE = re.compile(r"\$\$\{|\$\{(?P<inside>[^}]*)(?P<end>\}?)")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<rest>:-(?P<default>(?:(?!\$\{).)*))?", re.DOTALL)


def substitute(text: str, environ: Mapping[str, str]) -> str:
    """The text with its variables replaced; what is put in is not looked at again. Defaults don't nest.

    As in a shell, ``:-`` gives the default for a variable that is missing or empty. Without one a missing or empty
    variable is refused: an empty bucket or project is never meant.

    Raises:
        Refused: names the variable; no value of any variable is in the message.
    """

    def value(place: re.Match[str]) -> str:
        if place[0] == "$${":
            return "${"
        inside = _INSIDE.fullmatch(place["inside"])
        if not inside or not place["end"]:
            raise Refused("does not name a variable", "write ${NAME} or ${NAME:-default}; $${ for a literal ${")
        if variable := environ.get(inside["name"]):
            return variable
        if inside["rest"]:
            return inside["default"]
        state = "is empty" if inside["name"] in environ else "is not set"
        raise Refused(
            f"needs the environment variable {inside['name']}, which {state}",
            f"set {inside['name']}, or give a default: ${{{inside['name']}:-...}}",
        )

    return _PLACE.sub(value, text)
