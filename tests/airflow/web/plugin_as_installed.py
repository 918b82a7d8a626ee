"""This checkout's entry points as an installed distribution has them, whatever is installed."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import floodmark

ROOT = Path(__file__).parents[3]


def entry_points() -> dict[str, dict[str, str]]:
    """By group and name, as ``pyproject.toml`` has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points: dict[str, dict[str, str]] = project["entry-points"]
    return points


def python_path(folder: Path) -> str:
    """A ``PYTHONPATH`` on which ``floodmark`` is such a distribution; ``folder`` takes its metadata."""
    metadata = folder / f"floodmark-{floodmark.__version__}.dist-info"
    metadata.mkdir(parents=True)
    name_and_version = f"Name: floodmark\nVersion: {floodmark.__version__}\n"
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\n{name_and_version}", encoding="utf-8")
    groups = (
        "\n".join([f"[{group}]", *(f"{name} = {place}" for name, place in points.items())])
        for group, points in entry_points().items()
    )
    (metadata / "entry_points.txt").write_text("\n".join(groups) + "\n", encoding="utf-8")
    paths = (str(folder), str(ROOT / "plugins"), str(ROOT), os.environ.get("PYTHONPATH", ""))
    return os.pathsep.join(path for path in paths if path)
