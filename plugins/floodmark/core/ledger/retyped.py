"""Whether a type that is another by now sends the same values, and whether the target's column can hold them. Pure."""

from __future__ import annotations

from typing import Protocol

from floodmark.core.config import widening


class Typed(Protocol):
    """A column: the type that is chosen for it in words, and the one that it has in the target, where that is known."""

    @property
    def name(self) -> str: ...
    @property
    def carried(self) -> bool: ...
    @property
    def mask(self) -> str: ...
    @property
    def chosen(self) -> str: ...
    @property
    def target(self) -> str: ...


_SAME_VALUES = ({"text", "varchar"},)
"""Types between which a column may go without being written anew, and each value stays what it was."""


def same_values(before: str, now: str, *, digits: bool = True) -> bool:
    """Whether each value of the one base type is the same value in the other; under ``digits`` so is one to itself.

    Without, only types whose length or digits cut no value are.
    """
    return (digits and before == now) or any({before, now} <= family for family in _SAME_VALUES)


def stays(before: str, now: str) -> bool:
    """Whether a column of that type can stay, or be widened; one that isn't known can't."""
    return bool(before) and widening.becomes(before, now)


def retyped(before: Typed, now: Typed) -> str:
    """In words, that another type is chosen; empty where none is, and where a mask's text travels, or nothing."""
    if not (before.carried and now.carried) or before.chosen == now.chosen or before.mask or now.mask:
        return ""
    was, becomes = (one.chosen or one.target or "its own" for one in (before, now))
    return f'types: "{now.name}": {was} -> {becomes}'
