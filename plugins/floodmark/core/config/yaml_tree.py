"""YAML text → plain values, each with its line, its text as written, and the environment put in.

Plain words mean what YAML 1.2 says, and what editors check: ``on``, ``no`` and ``10:30`` are strings, keys are always
strings, and dates are left to their parser. A key twice, anchors, aliases, merges and tags are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from floodmark.core.config import environment
from floodmark.core.config.readable import readable
from floodmark.core.refused import Refused
from floodmark.errors import Problem

Path = tuple[str | int, ...]

_LONGEST = 1_000
"""Characters of each part of a problem: the longest of our own texts, a list of all keys, has some 700."""
_LARGEST = 4_000_000
"""Characters of a file: ten thousand tables with a dozen keys each, and a minute to read."""

_NULL = re.compile(r"~|null|Null|NULL|")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)


class _Loader(yaml.SafeLoader):
    """Composes nodes; anchors, aliases and tags end the file, because a tree of words is all that it needs."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None):
            remedy = "write shared keys under `defaults`"
            raise yaml.MarkedYAMLError(remedy, None, "anchors and aliases are not supported", event.start_mark)
        if getattr(event, "tag", None):
            raise yaml.MarkedYAMLError("write plain values", None, "tags are not supported", event.start_mark)
        if isinstance(event, yaml.ScalarEvent):
            event.value = _whole(event.value, event.start_mark)
        return super().compose_node(parent, index)


def _remedy(error: yaml.MarkedYAMLError) -> str:
    """What the parser was at; or, where a cron looks like an alias to it, what to write."""
    if error.context == "while scanning an alias":
        return 'write what begins with * in quotes, as in cadence: "*/5 9-17 * * *"'
    return error.context or ""


def _whole(text: str, mark: Any) -> str:
    """The text with each pair of surrogates as one character: JSON escapes ``\\ud83d\\ude00`` so, PyYAML leaves two."""
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise yaml.MarkedYAMLError("write the character itself", None, "half a character", mark) from None


@dataclass(frozen=True, kw_only=True)
class Tree:
    """What a file says. ``lines`` count from 1; ``written`` has each scalar's own text, before the environment.

    ``broken`` are the paths that have a problem already and hold nothing to judge.
    """

    file: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    written: dict[Path, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)

    def line(self, path: Path) -> int:
        """The line of a path, or of the nearest one above it that has a line; 0 where none has."""
        return next(filter(None, (self.lines.get(path[:size]) for size in range(len(path), -1, -1))), 0)

    def judged(self, path: Path) -> bool:
        """Whether this path, or one above it, has a problem already and holds nothing to judge."""
        return any(path[:size] in self.broken for size in range(len(path) + 1))

    def problem(self, path: Path, message: str, remedy: str = "") -> Problem:
        """A problem at a path, or at the nearest one above it that has a line."""
        line = self.line(path)
        file = f"{self.file}:{line}" if line else self.file
        place, message, remedy = (readable(text, _LONGEST) for text in (dotted(path), message, remedy))
        return Problem(file=file, path=place, message=message, remedy=remedy)

    def refuse(self, path: Path, message: str, remedy: str = "") -> None:
        """Note a problem, and that nothing at this path is worth a second one."""
        self.problems.append(self.problem(path, message, remedy))
        self.broken.add(path)


def dotted(path: Path) -> str:
    """A path on one line: ``tables.orders.cursor[1]``; a key that is not a plain word in quotes."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]+", part) else f'"{part}"')
    return text


def read(text: str, file: str, environ: Mapping[str, str]) -> Tree:
    """Parse one document. Never raises: what is wrong is in the tree's ``problems``."""
    tree = Tree(file=file)
    if len(text) > _LARGEST:
        message = f"is too large: {len(text)} characters, at most {_LARGEST}"
        tree.problems.append(Problem(file=file, path="", message=message, remedy="cut the source into several"))
        return tree
    node = _root(text, tree)
    if node is None:
        return tree
    value = _plain(node, (), tree, environ)
    return Tree(**{**vars(tree), "value": value})


def _root(text: str, tree: Tree) -> Node | None:
    """The root of the document; None where there is none to be had, with the one problem of the whole text."""
    loader: _Loader | None = None
    line, message, remedy = 0, "the file is empty", "write version: 1 ..."
    try:
        loader = _Loader(text)
        if node := loader.get_single_node():
            return node
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        message, remedy = f"not valid YAML: {error.problem}", _remedy(error)
    except RecursionError:
        message, remedy = "nested too deeply", ""
    except yaml.YAMLError as error:
        message, remedy = f"not valid YAML: {str(error).splitlines()[0]}", ""
    except (ValueError, OverflowError):  # PyYAML's chr() and int() of what it read
        line = loader.line + 1 if loader else 0
        message, remedy = "not valid YAML: an escape names no character, or %YAML no version", "take it out"
    where = f"{tree.file}:{line}" if line else tree.file
    tree.problems.append(
        Problem(file=where, path="", message=readable(message, _LONGEST), remedy=readable(remedy, _LONGEST))
    )
    return None


def _plain(node: Node, path: Path, tree: Tree, environ: Mapping[str, str]) -> Any:
    tree.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        return {key: _plain(value, (*path, key), tree, environ) for key, value in _pairs(node, path, tree)}
    if isinstance(node, SequenceNode):
        return [_plain(item, (*path, index), tree, environ) for index, item in enumerate(node.value)]
    assert isinstance(node, ScalarNode)  # YAML has no fourth kind
    return _scalar(node, path, tree, environ)


def _pairs(node: MappingNode, path: Path, tree: Tree) -> Iterator[tuple[str, Node]]:
    seen: dict[str, int] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            tree.refuse(path, f"a key on line {line} is not a word", "write plain keys")
        elif key.value == "<<" and key.style is None:
            tree.refuse(path, f"merges (<<, line {line}) are not supported", "write shared keys under `defaults`")
        elif key.value in seen:
            remedy = "keep one of them"
            here = tree.problem((*path, key.value), f"written twice, first on line {seen[key.value]}", remedy)
            tree.problems.append(
                Problem(file=f"{tree.file}:{line}", path=here.path, message=here.message, remedy=remedy)
            )
        else:
            seen[key.value] = line
            tree.lines[*path, key.value] = line
            yield key.value, value


def _scalar(node: ScalarNode, path: Path, tree: Tree, environ: Mapping[str, str]) -> Any:
    text: str = node.value
    plain = node.style is None
    tree.written[path] = text
    if "${" not in text:
        return _resolved(text) if plain else text
    try:
        value = environment.substitute(text, environ)
    except Refused as refused:
        tree.refuse(path, f'"{text}" {refused.message}', refused.remedy)
        return None
    # The environment has only strings; true and false are the two words that mean something else.
    return value.lower() == "true" if plain and _BOOL.fullmatch(value) else value


def _resolved(text: str) -> str | int | float | bool | None:
    """What YAML 1.2 takes a plain word for."""
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
