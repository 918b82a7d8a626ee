"""What the demo prints at its end."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from floodmark.adapters import yaml_file
from floodmark.cli.main import app
from floodmark.demo import machine
from floodmark.demo.servers.mariadb_programs import Programs
from floodmark.demo.sources import DagsFolder

LINE = "floodmark demo --keep"


@pytest.mark.parametrize(
    ("begun_as", "on_the_path", "typed"),
    [
        (".venv/bin/floodmark", False, ".venv/bin/floodmark demo --keep"),
        (".venv/bin/floodmark", True, LINE),
        ("floodmark/__main__.py", False, LINE),
    ],
)
def test_a_command_line_is_printed_as_it_can_be_typed(
    monkeypatch: pytest.MonkeyPatch, begun_as: str, on_the_path: bool, typed: str
) -> None:
    monkeypatch.setattr(sys, "argv", [str(Path(begun_as).absolute()), "demo"])
    monkeypatch.setattr(machine.shutil, "which", lambda _: begun_as if on_the_path else None)
    assert machine._typed(LINE) == typed


@pytest.mark.parametrize(
    ("which", "said"), [({}, LINE), ({"mysql": True}, f"{LINE} --mysql"), ({"cloudsql": True}, f"{LINE} --cloudsql")]
)
def test_the_line_to_look_around_is_of_the_same_shop(
    monkeypatch: pytest.MonkeyPatch, which: dict[str, bool], said: str
) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda _: "floodmark")
    options = machine.Options(hours=1, minutes=1, seed=1, **which)  # type: ignore[arg-type]
    assert options.kept == said
    assert CliRunner().invoke(app, [*said.split()[1:], "--help"]).exit_code == 0


def test_a_client_that_was_only_unpacked_is_printed_with_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine.shutil, "which", lambda _: None)
    unpacked = Programs(base=Path("/srv/a folder"), libraries="/srv/lib")
    monkeypatch.setattr(machine, "programs", lambda: unpacked)
    monkeypatch.setattr(Programs, "path", lambda self, name: self.base / "bin" / name)
    assert machine._mariadb() == "env LC_ALL=C.UTF-8 LD_LIBRARY_PATH=/srv/lib '/srv/a folder/bin/mariadb'"
    monkeypatch.setattr(machine.shutil, "which", lambda _: "/usr/bin/mariadb")
    assert machine._mariadb() == "mariadb"


def test_the_shop_is_configured_as_one_does_for_cloud_sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DagsFolder(tmp_path / "dags", ("shop",))
    folder.read_by_exports("shop", instance="main", database="shop", endpoint="http://127.0.0.1:1")
    config = yaml_file.load(folder.source("shop"), {"FLOODMARK_BUCKET": "a-bucket", "FLOODMARK_PROJECT": "proj-x"})
    assert (config.adapter, config.connection) == ("cloudsql", "google_cloud_default")
    assert config.cloudsql is not None
    assert (config.cloudsql.instance, config.cloudsql.endpoint) == ("main", "http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--mysql", "--cloudsql"), "--mysql and --cloudsql: can't be had together; give one of them"),
        (("--loss", "--mysql"), "--loss and --mysql: can't be had together; give --loss alone"),
    ],
)
def test_what_would_do_nothing_is_refused(options: tuple[str, ...], said: str) -> None:
    told = CliRunner().invoke(app, ["demo", *options])
    assert told.exit_code == 2
    assert said in told.output
