"""Sling's own program to a CSV file: its Parquet needs a program that it fetches at run time."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path

from slice_query import query


def program() -> Path:
    """The program that the package of this machine's kind holds."""
    for name in ("sling_linux_amd64", "sling_linux_arm64"):
        found = importlib.util.find_spec(name)
        if found and found.origin:
            return next((Path(found.origin).parent / "bin").glob("sling-*"))
    raise SystemExit("Sling has no package for this kind of machine")


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """It says itself how many rows it wrote."""
    words = [program(), "run", "--src-conn", dsn + "?sslmode=disable", "--src-stream", query(table)]
    words += ["--tgt-object", (folder / "rows.csv").as_uri()]
    settings = {**os.environ, "SLING_DISABLE_TELEMETRY": "TRUE", "SLING_HOME_DIR": str(folder.parent / "home")}
    done = subprocess.run(words, env=settings, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    wrote = re.search(r"wrote (\d+) rows", said)
    if done.returncode or wrote is None:
        raise SystemExit("\n".join(said.strip().splitlines()[-3:]))
    return int(wrote[1])
