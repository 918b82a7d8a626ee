"""The text of an Airflow Variable that holds a source."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path

from floodmark.adapters import source_folder, yaml_file
from floodmark.core.config.source import SourceConfig


@dataclass(frozen=True, kw_only=True)
class Document:
    """The text of a Variable, as it was when it was read."""

    variable: str
    text: str

    @property
    def digest(self) -> str:
        """By which two texts are told apart."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def packed(self) -> dict[str, str]:
        """Small enough for XCom: a source of a hundred tables is some 2 KB."""
        return {"digest": self.digest, "text": base64.b85encode(zlib.compress(self.text.encode(), 9)).decode()}

    @classmethod
    def unpacked(cls, variable: str, packed: dict[str, str]) -> Document:
        """What :meth:`packed` made."""
        return cls(variable=variable, text=zlib.decompress(base64.b85decode(packed["text"])).decode())

    def path(self, dag_folder: Path) -> Path:
        """Where its file would lie: SELECTs of one's own lie in folders beside it."""
        return dag_folder / source_folder.DEFAULT.name / f"Variable {self.variable.replace('/', '%2F')}"

    def config(self, path: Path) -> SourceConfig:
        """The source. Raises ``ConfigurationError``, which names the Variable and paths in its JSON."""
        return yaml_file.load_text(self.text, path, os.environ)
