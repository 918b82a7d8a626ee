"""What a run of ``<source>__ops`` said, kept in its XComs: the web server shows it from there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from floodmark.airflow.work import Context

if TYPE_CHECKING:
    from floodmark.pipeline.page.output import KeptOutput

KEY = "floodmark_output"
_DEEP = 20
"""More levels than any command's document has."""


def keep(context: Context, output: KeptOutput) -> None:
    """Before the task fails, if it does: what it returns would be lost. Airflow hides its secrets, as in the log."""
    from airflow.providers.common.compat.sdk import redact

    from floodmark.pipeline.page.output import bounded

    lines, documents = (redact(list(said), max_depth=_DEEP) for said in (output.lines, output.documents))
    masked = replace(output, lines=tuple(lines), documents=tuple(documents))
    context["ti"].xcom_push(key=KEY, value=bounded(masked).document())
