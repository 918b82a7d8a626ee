"""ingestr's own program to a CSV file. Its package fetches the program at the first call, where it may."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("ingestr")


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """The whole table; a line of the file is a row, for these tables' values have no line's end."""
    file = folder / "rows.csv"
    words = [PROGRAM, "ingest", "--yes", "--source-uri", dsn + "?sslmode=disable", "--source-table", f"public.{table}"]
    words += ["--dest-uri", f"csv://{file}", "--dest-table", f"public.{table}"]
    settings = {
        **os.environ,
        "DISABLE_TELEMETRY": "true",
        "INGESTR_BINARY_CACHE_DIR": str(Path(sys.prefix) / "program"),
    }
    done = subprocess.run(words, env=settings, capture_output=True, text=True, check=False)
    if done.returncode or not file.exists():
        raise SystemExit("\n".join((done.stdout + done.stderr).strip().splitlines()[-3:]))
    with file.open("rb") as lines:
        return sum(1 for _ in lines) - 1
