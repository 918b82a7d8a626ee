"""The keys of HMACs among the masks: told apart in the fingerprint, and in nothing else (R29)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from floodmark.core.config.masks import Mask, MaskKind
from floodmark.errors import FatalError

Secret = Callable[[str], str]
"""The password of a connection, by its id."""


def no_secret(connection: str) -> str:
    """Where nobody knows any. Raises ``FatalError``."""
    raise FatalError(f"nobody here knows the password of connection {connection}, which holds the key of a mask")


_OF_WHAT = b"floodmark: which key of a mask is this"


def digests(masks: Mapping[str, Mask], secret: Secret) -> tuple[str, ...]:
    """Each connection with what its key is told apart by, which doesn't reveal it: an HMAC of other words under it."""
    connections = sorted({mask.connection for mask in masks.values() if mask.kind is MaskKind.HMAC})
    return tuple(f"{one} {hmac.new(secret(one).encode(), _OF_WHAT, 'sha256').hexdigest()[:16]}" for one in connections)
