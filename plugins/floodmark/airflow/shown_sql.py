"""The SQL of a slice as *Rendered Template* and ``airflow tasks render`` show it: bounds filled in by Airflow."""

from __future__ import annotations

import re

from floodmark.adapters import yaml_file
from floodmark.airflow.work import Work
from floodmark.core.ports import Selection
from floodmark.errors import ConfigurationError
from floodmark.pipeline.shown_sql import shown_sql

COLUMNS, CURSOR = "<columns: from the catalog>", "<cursor: from the catalog>"
"""Stand where only the catalog knows. The text that ran is in the task's log and in the ledger."""

_LOW, _HIGH = "\x01low\x01", "\x01high\x01"
_JINJA = re.compile(r"\{[{%#]")


def template(work: Work, tables: tuple[str, ...]) -> str:
    """A Jinja template for Airflow, one statement for each table. What users wrote is not Jinja, and stays as it is."""
    if len(tables) == 1:
        return _one(work, tables[0])
    return "\n\n".join(f"-- {name}\n{_one(work, name)};" for name in tables)


def _one(work: Work, name: str) -> str:
    table = work.table(name)
    selection = Selection(
        schema=table.relation.schema,
        name=table.relation.name,
        key=table.key or (),
        cursor=() if table.sync == "full" or work.kind.value != "slice" else table.cursor or (CURSOR,),
        columns=(COLUMNS,),
        where=table.where or "",
        sql=_own(work, table.sql) if table.sql else "",
        null_cursor=table.null_cursor,
    )
    text = _JINJA.sub(lambda found: "{{ '" + found[0] + "' }}", shown_sql(selection, _LOW, _HIGH))
    return text.replace(_LOW, "{{ data_interval_start }}").replace(_HIGH, "{{ data_interval_end }}")


def _own(work: Work, relative: str) -> str:
    """The user's SELECT; a file that vanished is the task's own error, and takes no other table of the DAG down."""
    try:
        return yaml_file.own_sql(work.file, relative)
    except ConfigurationError as error:
        return f"SELECT  -- {' '.join(str(error).split())}"
