"""Object storage, where rows wait between the source and the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from floodmark.core.config.formats import PARQUET
from floodmark.core.ledger.manifest import Manifest
from floodmark.core.ports.rows import Rows


class Stage(Protocol):
    """Object storage. Names are relative to the stage's own prefix; every object is written once."""

    def write(self, name: str, rows: Rows, format: str = PARQUET) -> Manifest:
        """Stream rows into one object of that format; a manifest without ``uri`` comes back. No rows, no object.

        Its name is ``name`` with the format's ending (:mod:`floodmark.core.config.formats`).

        On any error the upload is not finalised, and nothing is left. Raises ``StageUnavailable``.
        """

    def write_manifest(self, name: str, document: Mapping[str, Any]) -> str:
        """Write the manifest, last of all; its URI."""

    def publish(self, name: str, data: bytes, *, content_type: str, compressed: bool = True) -> str:
        """Write an object that is written anew each time; its URI. Raises ``StageUnavailable``."""

    def remove(self, manifest: Manifest) -> None:
        """Delete a read's objects and the manifest's own; not its quarantine. What is gone already is well."""

    def delete_before(self, prefix: str, moment: datetime) -> int:
        """Delete objects under a prefix that are older than a moment; how many."""
