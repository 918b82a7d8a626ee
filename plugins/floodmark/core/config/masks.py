"""How a column is masked: what the source's SELECT puts in its place, so that its values never leave there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from floodmark.core.config import names, parsers
from floodmark.core.refused import Refused

T = TypeVar("T")


class MaskKind(StrEnum):
    """What stands in a value's place. NULL stays NULL under each."""

    SHA256 = "sha256"
    """The SHA-256 of its text in UTF-8, in hex."""
    HMAC = "hmac"
    """The HMAC-SHA-256 of the same, under the password of an Airflow connection."""
    REDACT = "redact"
    """The word ``redacted``."""
    TRUNCATE = "truncate"
    """The first characters of its text."""
    NULL = "null"
    """Nothing."""
    CLEAR = "clear"
    """The value itself, in a table whose defaults would mask it."""


@dataclass(frozen=True, kw_only=True)
class Mask:
    """One mask. ``connection`` holds the key of an HMAC, ``first`` is how many characters ``truncate`` leaves."""

    kind: MaskKind
    connection: str = ""
    first: int = 0

    @property
    def one_to_one(self) -> bool:
        """Whether equal values have equal masks and others have others, so that it may be a key."""
        return self.kind in (MaskKind.SHA256, MaskKind.HMAC)

    @property
    def written(self) -> Any:
        """As one writes it in YAML."""
        match self.kind:
            case MaskKind.HMAC:
                return {"hmac": self.connection}
            case MaskKind.TRUNCATE:
                return {"truncate": self.first}
        return self.kind.value

    def __str__(self) -> str:
        """In words, as the fingerprint and messages have it; no key's."""
        return ": ".join(filter(None, (self.kind.value, self.connection or (str(self.first) if self.first else ""))))


@dataclass(frozen=True, kw_only=True)
class Masks:
    """Masks by the globs of their columns, the table's own before those of ``defaults``."""

    by_glob: tuple[tuple[str, Mask], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.by_glob)

    def of(self, column: str) -> Mask | None:
        """A column's mask: by its name, else by the first glob that fits, in whatever case; None where it has none."""
        mask = of_column(self.by_glob, column)
        return mask if mask and mask.kind is not MaskKind.CLEAR else None

    def among(self, columns: Sequence[str]) -> dict[str, Mask]:
        """The masks of those of the columns that have one."""
        return {column: mask for column in columns if (mask := self.of(column))}


def fits(glob: str, column: str) -> bool:
    """Whether a column is meant. Case doesn't count: a mask had better cover too much."""
    return fnmatchcase(column.casefold(), glob.casefold())


def of_column(by_glob: Iterable[tuple[str, T]], column: str) -> T | None:
    """What is written for a column: by its name, else by the first glob that fits; None where nothing is."""
    written = dict(by_glob)
    if column in written:
        return written[column]
    return next((one for glob, one in written.items() if fits(glob, column)), None)


def parse(value: object) -> Masks:
    """Globs of columns, each with its mask. Raises ``Refused``."""
    if not isinstance(value, dict):
        raise Refused("is not a mapping", 'write a column or a glob: its mask, as in {"*email*": sha256}')
    return Masks(by_glob=tuple((names.text(glob), _mask(str(glob), written)) for glob, written in value.items()))


def together(own: object, defaults: object) -> object:
    """What is written for a table, then what its defaults have beside that. What is no mapping is left to ``parse``."""
    if not isinstance(own, Mapping) or not isinstance(defaults, Mapping):
        return own
    return {**own, **{glob: mask for glob, mask in defaults.items() if glob not in own}}


def _mask(glob: str, written: object) -> Mask:
    remedy = "sha256, {hmac: an Airflow connection}, redact, {truncate: n}, 'null' or clear"
    if written is None:
        return Mask(kind=MaskKind.NULL)
    if isinstance(written, str) and written in _WORDS:
        return Mask(kind=MaskKind(written))
    if isinstance(written, dict) and len(written) == 1:
        [(kind, argument)] = written.items()
        try:
            if kind == MaskKind.HMAC:
                return Mask(kind=MaskKind.HMAC, connection=names.connection(argument))
            if kind == MaskKind.TRUNCATE:
                return Mask(kind=MaskKind.TRUNCATE, first=_first(argument))
        except Refused as refused:
            message = f'masks "{glob}" by a {kind} that {refused.message}'
            raise Refused(message, refused.remedy, secret=refused.secret) from None
    raise Refused(f'masks "{glob}" by what is no mask', f"write one of: {remedy}", secret=True)


_WORDS = frozenset(MaskKind) - {MaskKind.HMAC, MaskKind.TRUNCATE}
_MOST = 10_000


def _first(value: object) -> int:
    number = parsers.counted(value)
    if number > _MOST:
        raise Refused("leaves too much", f"write {_MOST} or less")
    return number


@dataclass(frozen=True, kw_only=True)
class Uses:
    """What columns are for, as far as that is known."""

    key: Sequence[str] = ()
    cursor: Sequence[str] = ()
    partition: str = ""
    soft: str = ""


def misfits(masks: Masks, uses: Uses) -> Iterator[tuple[str, str]]:
    """Columns that a mask keeps from what they are for: why, and the remedy."""
    for column, mask in masks.among(uses.key).items():
        if not mask.one_to_one:
            message = f'"{column}" is a key column, and {mask} makes one of different keys'
            yield message, "mask a key by sha256 or hmac; or name another key"
    for column in masks.among(uses.cursor):
        message = f'"{column}" is the cursor, which travels with every row as _floodmark_cursor, to the microsecond'
        yield message, f'take its mask off ("{column}": clear), name another cursor, or write sync: full'
    for column in masks.among([uses.partition] if uses.partition else []):
        yield f'"{column}" cuts the target in partitions, and a mask is no date', "partition by another column"
    for column in masks.among([uses.soft] if uses.soft else []):
        message = f'"{column}" says which rows are deleted, and a mask doesn\'t'
        yield message, f'take its mask off ("{column}": clear), or name another column'
