"""The demo's folder of DAGs: a copy of the shipped one, in which a default is changed as a user would change it."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

from floodmark.errors import ServerFailed

_PACKAGE = Path(__file__).resolve().parent
DAG_FILE = "floodmark_dags.py"


def shipped() -> Path:
    """``dags/`` of the checkout, or its copy in the wheel."""
    for folder in (_PACKAGE / "dags", _PACKAGE.parents[2] / "dags"):
        if (folder / DAG_FILE).is_file() and (folder / "sources").is_dir():
            return folder
    raise ServerFailed("the demo's DAGs are missing from the package; install Floodmark again")


class DagsFolder:
    """A folder of DAGs: DAG files, and the sources that the demo runs."""

    def __init__(self, folder: Path, sources: tuple[str, ...]) -> None:
        self.path = folder
        (folder / "sources").mkdir(parents=True)
        for file in shipped().glob("*.py"):
            shutil.copy(file, folder)
        for source in sources:
            shutil.copy(shipped() / "sources" / f"{source}.yml", self.source(source))

    def source(self, name: str) -> Path:
        """The YAML of a source."""
        return self.path / "sources" / f"{name}.yml"

    def read_by_exports(self, source: str, *, instance: str, database: str, endpoint: str) -> None:
        """Have a source read by the exports of Cloud SQL: its connection is then one to Google Cloud."""
        place = f'{{instance: {instance}, database: {database}, endpoint: "{endpoint}"}}'
        lines = ("connection: google_cloud_default", "adapter: cloudsql", f"cloudsql: {place}")
        text = self.source(source).read_text(encoding="utf-8")
        text, count = re.subn(r"(?m)^connection:.*$", lambda _: "\n".join(lines), text)
        if count != 1:
            raise ServerFailed(f"{source}.yml has {count} lines `connection:` to change")
        self.source(source).write_text(text, encoding="utf-8")

    def edit(self, source: str, defaults: Mapping[str, str]) -> None:
        """Give ``${NAME:-default}`` other defaults, and have Airflow parse the DAG file anew."""
        text = self.source(source).read_text(encoding="utf-8")
        for name, value in defaults.items():
            text, count = re.subn(rf"\$\{{{name}:-[^}}]*\}}", f"${{{name}:-{value}}}", text)
            if not count:
                raise ServerFailed(f"{source}.yml has no ${{{name}:-...}} to change")
        replacement = self.source(source).with_suffix(".new")
        replacement.write_text(text, encoding="utf-8")
        replacement.rename(self.source(source))  # no task ever reads half of it
        now = time.time()
        os.utime(self.path / DAG_FILE, (now, now))
