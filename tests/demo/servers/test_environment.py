"""The servers' environment is made once, whole or not at all, from the index that pip or uv is configured for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodmark.demo.servers import environment, interpreters
from floodmark.demo.servers.environment import servers_environment
from floodmark.errors import ServerFailed


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("FLOODMARK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def fresh_settings() -> Iterator[None]:
    """Let index_settings look again, and forget what it saw."""
    interpreters.index_settings.cache_clear()
    yield
    interpreters.index_settings.cache_clear()


@pytest.mark.slow
def test_the_second_call_finds_what_the_first_made(cache: Path) -> None:
    said: list[str] = []
    made = servers_environment(said.append)
    assert len(said) == 1
    assert made.folder.parent == cache
    assert made.local_bigquery.exists()
    assert made.fake_gcs.exists()
    assert servers_environment(said.append) == made
    assert len(said) == 1


@pytest.mark.slow
def test_the_extensions_load_from_the_environment_without_a_download(cache: Path) -> None:
    made = servers_environment()
    code = "import duckdb; c = duckdb.connect(); c.execute('SET autoinstall_known_extensions = false; LOAD spatial')"
    subprocess.run([made.python, "-c", code], env={"HOME": str(made.home)}, check=True)


@pytest.mark.slow
def test_other_pins_get_another_folder(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = servers_environment()
    original = environment.pins()
    monkeypatch.setattr(environment, "pins", lambda: original + "# another\n")
    assert servers_environment().folder != made.folder
    assert made.folder.exists()


def test_a_failed_build_says_why_and_leaves_nothing_behind(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "pins", lambda: "this is not a requirement\n")
    with pytest.raises(ServerFailed, match="uv pip install ended with 2"):
        servers_environment()
    assert [path for path in cache.iterdir() if path.is_dir()] == []


@pytest.mark.slow
def test_what_an_interrupted_build_left_is_removed_by_the_next(cache: Path) -> None:
    made = servers_environment()
    leftover = made.folder.with_name(made.folder.name + ".abc")
    leftover.mkdir()
    made.python.unlink()  # as if the Python that it was made from had been removed
    assert servers_environment() == made
    assert made.python.exists()
    assert not leftover.exists()


def test_a_cache_that_cannot_be_written_is_named_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FLOODMARK_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ServerFailed, match=r"in .*/file/cache: .*Not a directory.*FLOODMARK_CACHE=/some/folder"):
        servers_environment()


def test_a_machine_that_no_server_is_packaged_for_is_refused_with_a_remedy(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    with pytest.raises(ServerFailed, match=r"Linux on aarch64 is not supported.*use such a machine or a container"):
        servers_environment()


@pytest.mark.usefixtures("fresh_settings")
def test_uv_is_led_to_the_index_that_pip_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE", "UV_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    pip = {"index-url": "https://index.example/simple", "extra-index-url": "https://a.example\nhttps://b.example"}
    monkeypatch.setattr(interpreters, "pip_settings", lambda: {**pip, "cert": "/etc/ca.pem"})
    settings = interpreters.index_settings()
    assert settings["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert settings["UV_INDEX"] == "https://a.example https://b.example"
    assert settings["SSL_CERT_FILE"] == "/etc/ca.pem"


@pytest.mark.usefixtures("fresh_settings")
def test_an_index_that_uv_has_of_its_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    monkeypatch.setattr(interpreters, "pip_settings", lambda: {"index-url": "https://index.example/simple"})
    assert "UV_DEFAULT_INDEX" not in interpreters.index_settings()


def test_a_variable_outweighs_a_file_among_pips_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = ":env:.index-url='https://v.example'\nglobal.cert='/c'\nglobal.index-url='https://f.example'\n"
    answer = subprocess.CompletedProcess([], 0, stdout=listed)
    monkeypatch.setattr(interpreters.subprocess, "run", lambda *_, **__: answer)
    assert interpreters.pip_settings() == {"index-url": "https://v.example", "cert": "/c"}


def program(path: Path, script: str) -> Path:
    """An executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
    return path


def test_a_shim_without_a_version_behind_it_is_passed_over_for_the_newest_of_pyenv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "shims" / "python3.9", "echo 'pyenv: python3.9: command not found' >&2; exit 127\n")
    for patch in (2, 10):
        python = tmp_path / "pyenv" / "versions" / f"3.9.{patch}" / "bin" / "python"
        program(python, f"echo 3.9; echo {python}\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:/usr/bin:/bin")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert interpreters.find_python("3.9") == tmp_path / "pyenv/versions/3.9.10/bin/python"
    assert interpreters.find_python("3.7") is None


UNREADABLE = """
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location("interpreters", sys.argv[1])
interpreters = importlib.util.module_from_spec(spec)
spec.loader.exec_module(interpreters)
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
try:
    os.listdir(interpreters.pyenv_versions())
except PermissionError:
    print(interpreters.candidates("3.9"))
"""


def test_a_folder_of_pyenv_that_may_not_be_read_has_no_python(tmp_path: Path) -> None:
    (tmp_path / "pyenv" / "versions" / "3.9.1").mkdir(parents=True)
    (tmp_path / "pyenv").chmod(0)
    asked = [sys.executable, "-c", UNREADABLE, str(interpreters.__file__)]
    variables = {"PATH": "/nowhere", "PYENV_ROOT": str(tmp_path / "pyenv")}
    done = subprocess.run(asked, env=variables, capture_output=True, text=True, check=False)
    (tmp_path / "pyenv").chmod(0o755)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("root", ["", "/dev/null", "/nowhere/at/all"])
def test_a_pyenv_that_is_none_has_no_python(monkeypatch: pytest.MonkeyPatch, root: str) -> None:
    monkeypatch.setenv("PYENV_ROOT", root)
    monkeypatch.setenv("HOME", "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    assert interpreters.candidates("3.9") == []


def test_without_its_python_one_line_says_what_to_install(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uv = program(tmp_path / "bin" / "uv", "echo 'uv 0.99.0'; test \"$1\" = --version\n")
    monkeypatch.setattr(environment, "find_uv", lambda: uv)
    monkeypatch.setattr(environment, "find_python", lambda _: None)
    monkeypatch.setenv("PYENV_ROOT", "/opt/pyenv")
    with pytest.raises(ServerFailed) as raised:
        servers_environment()
    assert str(raised.value) == (
        "the local Google servers need Python 3.13, which is neither on PATH (python3.13) nor among pyenv's versions "
        "(/opt/pyenv/versions), and which uv couldn't fetch; install it: pyenv install 3.13"
    )
    assert [path for path in cache.iterdir() if path.is_dir()] == []


@pytest.mark.parametrize(
    ("answer", "fits"), [("uv 0.13.8 (x)", True), ("uv 0.7.22", False), ("pyenv: uv: not found", False)]
)
def test_a_uv_that_is_too_old_or_only_a_shim_is_not_taken(tmp_path: Path, answer: str, fits: bool) -> None:
    assert interpreters.is_fitting_uv(program(tmp_path / "uv", f"echo '{answer}'\n")) is fits
