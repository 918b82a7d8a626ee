"""What is published, built and tried: ``python -m tests.release``.

Wheel and sdist are built by the standard's own front end, from what git knows; their metadata is checked as the index
does; then each is installed in an empty environment, beside Airflow 3.3 on Python 3.13 and Airflow 2.11 on Python
3.11, and has to check, parse and sync a table there (``tests/test_installed.py``). Nothing is uploaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DIST = ROOT / "dist"
FOLDER = "FLOODMARK_RELEASE"
"""Names the folder in which wheel and sdist lie, to the tests that install them."""


def run(*words: str, **variables: str) -> None:
    """A step, told before it begins; the program ends with its code where it fails."""
    print("=== " + " ".join(words), flush=True)
    done = subprocess.run([sys.executable, "-m", *words], cwd=ROOT, env={**os.environ, **variables}, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)


def main() -> None:
    """Build, check, install, try; the names of what may be published come last."""
    shutil.rmtree(DIST, ignore_errors=True)
    run("build", "--no-isolation", "--outdir", str(DIST))
    built = sorted(str(file) for file in DIST.iterdir())
    run("twine", "check", "--strict", *built)
    run(
        "pytest",
        "-q",
        "-m",
        "long or not long",
        "tests/test_wheel.py",
        "tests/test_installed.py",
        **{FOLDER: str(DIST)},
    )
    print("\n".join(f"dist/{Path(file).name}" for file in built))


if __name__ == "__main__":
    main()
