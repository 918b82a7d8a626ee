"""What the package's metadata says of where its pages are, once it is known where the repository is.

``FLOODMARK_REPOSITORY`` names it (``https://forge.example/owner/floodmark``); on GitHub its own variables do. Then the
metadata has links, and those of the README, which are relative here, lead to the pages of this very version. Without
either the package is built without links.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

PAGES = {
    "Documentation": "docs/index.md",
    "Guarantees": "docs/guarantees.md",
    "Changelog": "CHANGELOG.md",
    "Source": "",
}


def repository(environ: Mapping[str, str]) -> str:
    """The address of the repository, without a slash at its end; empty where none is known."""
    named = environ.get("FLOODMARK_REPOSITORY", "")
    if not named and environ.get("GITHUB_REPOSITORY"):
        named = f"{environ.get('GITHUB_SERVER_URL', 'https://github.com')}/{environ['GITHUB_REPOSITORY']}"
    return named.rstrip("/")


def links(address: str, version: str) -> dict[str, str]:
    """The links of a version: name -> address."""
    pages = f"{address}/blob/v{version}/"
    told = {name: pages + path if path else address for name, path in PAGES.items()}
    return {**told, "Issues": f"{address}/issues"} if address else {}


def readme(text: str, address: str, version: str) -> str:
    """The README with its relative links made whole; pictures as the files themselves."""
    if not address:
        return text
    whole = re.sub(r"(!\[[^\]]*\]\()(?=[\w.]+/)", rf"\g<1>{address}/raw/v{version}/", text)
    return re.sub(r"(?<!!)(\[[^\]]*\]\()(?=(?:docs/|[A-Z]+\.md))", rf"\g<1>{address}/blob/v{version}/", whole)


class CustomMetadataHook(MetadataHookInterface):
    """Called by hatchling whenever it makes the metadata."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in what ``pyproject.toml`` calls dynamic."""
        address, version = repository(os.environ), metadata["version"]
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": readme(text, address, version)}
        metadata["urls"] = links(address, version)
