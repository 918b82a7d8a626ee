"""What users install is the wheel: the package, its SQL, its migrations, and nothing of the machine that built it."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import floodmark

ROOT = Path(__file__).parents[1]

INDEX_ADDRESS = re.compile(
    r"(--(extra-)?index-url|--find-links|\bUV_(DEFAULT_)?INDEX\w*=|\bPIP_(EXTRA_)?INDEX_URL=)\s*\S"
)
MACHINE_PATH = re.compile(r"(?<![\w.])/(root|home|Users)/\w")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a wheel built from this checkout, by their names."""
    folder = tmp_path_factory.mktemp("dist")
    unknown = dict.fromkeys(("FLOODMARK_REPOSITORY", "GITHUB_REPOSITORY"), "")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    variables = {**os.environ, **unknown}
    done = subprocess.run(build, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("floodmark-*.whl")
    with zipfile.ZipFile(built) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a source distribution built from this checkout, by their names in it."""
    folder = tmp_path_factory.mktemp("sdist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("floodmark-*.tar.gz")
    with tarfile.open(built) as archive:
        return {
            member.name.partition("/")[2]: file.read()
            for member in archive.getmembers()
            if (file := archive.extractfile(member))
        }


def tracked(folder: str, *options: str) -> set[str]:
    """The files under ``folder`` that git knows, relative to it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *options, folder], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return {str(Path(name).relative_to(folder)) for name in listed.split("\0") if name}


@pytest.mark.parametrize(
    ("folder", "place"),
    [
        ("plugins/floodmark", "floodmark"),
        ("include/sql", "floodmark/sql"),
        ("state/migrations", "floodmark/migrations"),
        ("dags", "floodmark/demo/dags"),
    ],
)
def test_every_file_of_the_package_its_sql_and_its_migrations_is_in_the_wheel(
    wheel: dict[str, bytes], folder: str, place: str
) -> None:
    assert {f"{place}/{name}" for name in tracked(folder)} - set(wheel) == set()


def test_the_wheel_holds_the_package_and_its_metadata_only(wheel: dict[str, bytes]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"floodmark"}
    assert not [name for name in wheel if name.endswith((".db", ".pyc", ".log", ".in"))]


def test_the_wheel_carries_the_pins_of_the_local_servers(wheel: dict[str, bytes]) -> None:
    lines = wheel["floodmark/demo/servers/pins.txt"].decode().splitlines()
    assert "local-bigquery==0.4.0" in lines
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9.\-]+==[\w.!+\-]+( ; .+)?|#.*|", line)] == []


def test_the_wheel_names_no_package_index_and_no_folder_of_the_machine_that_built_it(wheel: dict[str, bytes]) -> None:
    found = [
        f"{name}: {match.group()}"
        for name, content in wheel.items()
        for pattern in (INDEX_ADDRESS, MACHINE_PATH)
        if (match := pattern.search(content.decode(errors="replace")))
    ]
    found += [name for name, content in wheel.items() if str(ROOT).encode() in content]
    assert found == []


@pytest.mark.slow
def test_the_sdist_holds_all_that_git_knows_and_nothing_else(sdist: dict[str, bytes]) -> None:
    apart = {".pre-commit-config.yaml"}
    assert tracked(".") - apart - set(sdist) == set()
    assert set(sdist) - tracked(".", "--cached", "--others", "--exclude-standard") == {"PKG-INFO"}


def test_airflow_finds_its_provider_and_its_plugin_in_the_wheel(wheel: dict[str, bytes]) -> None:
    (points,) = (content.decode() for name, content in wheel.items() if name.endswith(".dist-info/entry_points.txt"))
    assert "[airflow.plugins]\nfloodmark = floodmark.airflow.plugin:FloodmarkPlugin\n" in points
    assert "[console_scripts]\nfloodmark = floodmark.__main__:main\n" in points
    assert "[apache_airflow_provider]\nprovider_info = floodmark.provider:provider_info\n" in points


def test_one_version_is_told_everywhere(wheel: dict[str, bytes]) -> None:
    (metadata,) = (content.decode() for name, content in wheel.items() if name.endswith(".dist-info/METADATA"))
    assert f"\nVersion: {floodmark.__version__}\n" in metadata
    latest = re.search(r"^## (\S+) \((\d{4}-\d\d-\d\d)\)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert latest is not None
    assert latest[1] == floodmark.__version__


def test_links_lead_to_the_pages_of_this_version_once_the_repository_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOODMARK_REPOSITORY", "https://forge.example/acme/floodmark/")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (built,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    version, page = floodmark.__version__, "https://forge.example/acme/floodmark/blob/v"
    assert f"Documentation, {page}{version}/docs/index.md" in metadata.get_all("Project-URL", [])
    assert "Source, https://forge.example/acme/floodmark" in metadata.get_all("Project-URL", [])
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```", "", metadata.get_payload(), flags=re.M | re.S))
    assert targets
    for target in targets:
        path = re.sub(rf"^https://forge.example/acme/floodmark/(blob|raw)/v{re.escape(version)}/", "", target)
        assert path != target or target.startswith("#"), target
        assert target.startswith("#") or (ROOT / path.partition("#")[0]).exists(), target


def test_without_a_repository_the_metadata_has_no_links(wheel: dict[str, bytes]) -> None:
    (metadata,) = (content.decode() for name, content in wheel.items() if name.endswith(".dist-info/METADATA"))
    assert "Project-URL:" not in metadata
    assert "# Floodmark" in metadata


def test_the_pins_of_the_checkout_name_no_package_index() -> None:
    for file in (ROOT / "constraints").iterdir():
        assert not INDEX_ADDRESS.search(file.read_text()), file
        assert "://" not in file.read_text(), file
