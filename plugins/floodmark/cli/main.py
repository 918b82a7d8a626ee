"""The command line: one module per command, wired here."""

from __future__ import annotations

from typing import Annotated

import typer

from floodmark import __version__
from floodmark.cli.adopt import adopt
from floodmark.cli.balance import balance
from floodmark.cli.check import check
from floodmark.cli.cost import cost
from floodmark.cli.dbt import dbt
from floodmark.cli.demo import demo
from floodmark.cli.doctor import doctor
from floodmark.cli.exits import MEANINGS
from floodmark.cli.forget import forget
from floodmark.cli.init import init
from floodmark.cli.ledger import app as ledger
from floodmark.cli.plan import plan
from floodmark.cli.pool import pool
from floodmark.cli.prove import prove
from floodmark.cli.reconcile import reconcile
from floodmark.cli.repair import unblock, void
from floodmark.cli.run import reload, run
from floodmark.cli.schema import schema
from floodmark.cli.screen import PlainErrors, log_to_stderr
from floodmark.cli.status import status
from floodmark.cli.summarize import summarize
from floodmark.cli.verify import verify

_CODES = "\n\n".join(f"{code.value}: {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    name="floodmark",
    cls=PlainErrors,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    help="Hourly, provable sync from PostgreSQL or MySQL into BigQuery.",
    epilog=f"Exit codes:\n\n{_CODES}",
)


def _version(value: bool) -> None:
    if value:
        print(f"floodmark {__version__}")
        raise typer.Exit


@app.callback()
def floodmark(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="The queries and jobs too, on stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version, and nothing else.")
    ] = False,
) -> None:
    """Hourly, provable sync from PostgreSQL or MySQL into BigQuery."""
    log_to_stderr(verbose=verbose)


app.command()(init)
app.command()(check)
app.command()(doctor)
app.command()(schema)
app.command()(dbt)
app.command()(plan)
app.command()(run)
app.command()(reload)
app.command()(adopt)
app.command()(reconcile)
app.command()(balance)
app.command()(summarize)
app.command()(status)
app.command()(prove)
app.command()(verify)
app.command()(cost)
app.command()(unblock)
app.command()(void)
app.command()(forget)
app.command()(pool)
app.command()(demo)
app.add_typer(ledger, name="ledger")
