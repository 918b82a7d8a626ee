"""Columns whose names say that they had better not travel: what ``init`` proposes to leave out. A guess, no more."""

from __future__ import annotations

import re
from itertools import pairwise

from floodmark.core.resolve.cursors import is_time
from floodmark.core.schema import Column

_WORDS = frozenset({
    "password", "passwords", "passwd", "passphrase", "passcode", "pwd", "secret", "secrets", "token", "tokens",
    "credential", "credentials", "apikey", "privatekey", "salt", "otp", "totp", "ssn", "iban", "cvv", "cvc", "card",
    "passport",
})  # fmt: skip
_PAIRS = frozenset({
    ("api", "key"), ("private", "key"), ("secret", "key"), ("access", "key"), ("signing", "key"), ("encryption", "key"),
    ("session", "key"), ("session", "data"), ("social", "security"), ("tax", "id"), ("account", "number"),
    ("recovery", "codes"), ("backup", "codes"),
})  # fmt: skip
_HARMLESS_ENDS = frozenset({"count", "status", "type", "brand", "length", "version"})
"""What a name that ends so holds is said of a secret, and is none."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def looks_secret(column: Column) -> bool:
    """Whether whole words of its name say so. A moment (``token_expires_at``) or a yes or no is no secret."""
    words = tuple(word.lower() for word in _WORD.findall(column.name))
    if is_time(column) or column.base_type in ("bool", "boolean") or not words or words[-1] in _HARMLESS_ENDS:
        return False
    if words[-1] == "id" and words[-2:] != ("tax", "id"):
        return False
    return not _WORDS.isdisjoint(words) or any(pair in _PAIRS for pair in pairwise(words))
