"""``floodmark verify``: what only the whole of current can show. Billed for its key columns; once a day is enough."""

from __future__ import annotations

import typer

from floodmark.cli import sources
from floodmark.cli.exits import Exit, worst
from floodmark.cli.exits import code as exit_code
from floodmark.cli.screen import Json, Screen, described
from floodmark.cli.sources import File, Tables
from floodmark.errors import FloodmarkError
from floodmark.pipeline.table_run import closing


def verify(file: File, table: Tables = None, as_json: Json = False) -> None:
    """Check that keys are unique over the whole of each current table, so that no partition_by has changed.

    BigQuery bills the key columns. A doubled key blocks its table until it is reloaded. Of a MySQL table it counts the
    keys that differ from another in case or trailing spaces alone, too: the source holds these for equal.
    """
    from floodmark.pipeline.check_keys import check_keys

    screen = Screen(json=as_json)
    source = sources.read(file)
    found: list[tuple[str, str, FloodmarkError | None]] = []
    with closing(source.ports()) as ports:
        place = screen.ledger(ports.ledger)
        for one in source.tables(table):
            try:
                asked = check_keys(source.table_run(one, ports, "verify"))
                unique = "; ".join(filter(None, ("keys unique", asked.alike)))
                found.append((one.name, unique if asked else f"not looked at: {asked.left_alone}", None))
            except FloodmarkError as error:
                found.append((one.name, str(error), error))
    code = worst([exit_code(error) for _, _, error in found if error])
    if as_json:
        tables = [
            {"table": name, "well": not error, "said": said, "error": described(error) if error else None}
            for name, said, error in found
        ]
        document = {"ok": code is Exit.OK, "source": source.config.source, "ledger": place}
        screen.document({**document, "tables": tables})
    else:
        screen.table(("table", "keys"), [(name, said) for name, said, _ in found], title=source.config.source)
    if code is not Exit.OK:
        raise typer.Exit(code)
