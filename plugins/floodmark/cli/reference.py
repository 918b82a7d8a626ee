"""``docs/cli.md`` out of the commands themselves: ``python -m floodmark.cli.reference > docs/cli.md``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer.main

from floodmark.cli import app
from floodmark.cli.exits import MEANINGS

_INTRODUCTION = """\
# The command line

`floodmark` runs the same pipeline as the DAGs, without Airflow: on a laptop, in cron, in CI. This page is made from
the commands themselves by `python -m floodmark.cli.reference > docs/cli.md`; a test keeps it current.

Results go to stdout, as tables or (`--json`) as one JSON document; progress, warnings and errors go to stderr. With
`--json` an error is a document too: `{"error": {"kind", "exit_code", "message", "problems"}}`.

## Connections

| what | where it is looked for |
| --- | --- |
| the source | `--dsn` or `FLOODMARK_DSN`, libpq's or `mysql://`; else `AIRFLOW_CONN_<ID>`, URI or JSON, as in Airflow |
| any connection | where none of these has it: in the Airflow that is set up where the command is typed |
| Google | `AIRFLOW_CONN_<ID>`: `key_path`, `keyfile_dict`, `is_anonymous`; else Google's default credentials |
| local servers | `STORAGE_EMULATOR_HOST`, `BIGQUERY_EMULATOR_HOST`; never given a person's own credentials |
| the ledger | `ledger:` in the file; else the default one, see below |
| a source | its file, or its name: that of a file in `FLOODMARK_SOURCES`, else in `dags/sources` |

The default ledger is `floodmark.db`, a SQLite file in `FLOODMARK_STATE`; else in a checkout's `state/`; else in
`floodmark/` of Airflow's home (`AIRFLOW_HOME`, else `~/airflow`), wherever the command is called. Airflow's tasks go by
the same rule, so both look into the same one. `FLOODMARK_SOURCES` holds folders, parted by `:` as in `PATH`.

Only `run`, `reload` and `ledger rebuild` make a ledger where there is none. `plan` and `doctor` say that there is none
yet; every other command ends with 2 and says where it looked. The first line, or `ledger` in a document, says where the
ledger lies.
"""

_GAPS = """\
## Which slices

Slices are cut by each table's cadence: from midnight UTC on, or where its cron fires. `--from` and `--to` must lie on
their boundaries and bear a time zone; `--last` goes back from the end of the last full slice, in whole slices. Slices
that touch are read as one.

A *gap* is a slice that no applied read covers although a later one is covered: it was skipped, or failed for good.
`status` lists gaps, `run --gaps` reads them and every full slice after them.
"""


def text() -> str:
    """The page."""
    codes = "\n".join(f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items())
    command = typer.main.get_command(app)
    parts = [
        _INTRODUCTION,
        f"## Exit codes\n\n| code | meaning |\n| --- | --- |\n{codes}\n\nOf several tables, the one that needs a "
        "person most decides. TERM and HUP end a run as Ctrl-C does, with 143 and 129.\n",
        _GAPS,
        "## Commands\n\nBefore the command: `--verbose` (`-v`) logs queries and jobs, `--version` says the version. "
        "`-h` or `--help` explains any command. `--install-completion` has your shell (bash, zsh, fish) "
        "complete commands, options, and the names of sources and tables.\n",
        *(_section(f"floodmark {name}", one) for name, one in _leaves(command)),
        "`FLOODMARK_DEBUG=1` shows the traceback of any error.\n",
    ]
    return "\n".join(parts)


def _leaves(command: Any, above: str = "") -> Iterator[tuple[str, Any]]:
    for name, one in command.commands.items():
        if hasattr(one, "commands"):
            yield from _leaves(one, f"{above}{name} ")
        else:
            yield f"{above}{name}", one


def _section(name: str, command: Any) -> str:
    params = [param for param in command.params if param.name != "help"]
    arguments = [param for param in params if param.param_type_name == "argument"]
    usage = " ".join([name, "[OPTIONS]", *(_placeholder(param) for param in arguments)])
    help_text = "\n\n".join(" ".join(part.split()) for part in _plain(command.help).split("\n\n"))
    rows = "\n".join(_row(param) for param in params)
    table = f"\n| | |\n| --- | --- |\n{rows}\n" if rows else ""
    return f"### {name}\n\n    {usage}\n\n{help_text}\n{table}"


def _placeholder(param: Any) -> str:
    shown = param.metavar or str(param.name).upper()
    return str(shown)


def _row(param: Any) -> str:
    if param.param_type_name == "argument":
        return f"| `{_placeholder(param)}` | {_plain(param.help)} |"
    words = ", ".join(f"`{word}`" for word in param.opts)
    if not param.is_flag:
        words += f" {param.metavar or ('NUMBER' if isinstance(param.default, int | float) else 'TEXT')}"
    default = f" Default: {param.default}." if param.show_default and _told(param) else ""
    return f"| {words} | {_plain(param.help)}{default} |"


def _plain(text: str | None) -> str:
    """Words that Markdown would take for tags or emphasis, as they are."""
    return (text or "").replace("<", "\\<").replace("*", "\\*")


def _told(param: Any) -> bool:
    return not param.is_flag and param.default not in (None, "", (), []) and not callable(param.default)


if __name__ == "__main__":
    print(text(), end="")
