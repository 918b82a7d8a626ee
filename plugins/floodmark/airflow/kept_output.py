"""What a run of ``<source>__ops`` said, kept in its XComs: the web server shows it from there."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from floodmark.airflow.work import Context
from floodmark.core.config.readable import readable
from floodmark.errors import reason

if TYPE_CHECKING:
    from floodmark.pipeline.page.output import KeptOutput

log = logging.getLogger(__name__)

KEY = "floodmark_output"
_DEEP = 20
"""More levels than any command's document has."""
_LONGEST = 500
"""Characters of why it isn't kept: an error of the database may repeat all that was to be written."""


def keep(context: Context, output: KeptOutput) -> None:
    """Before the task fails, if it does: what it returns would be lost. Airflow hides its secrets, as in the log.

    Where that can't be done, the log has it all: what the commands did stands, and so does why they failed.
    """
    try:
        context["ti"].xcom_push(key=KEY, value=_masked(output).document())
    except Exception as error:
        why = readable(reason(error), _LONGEST)
        log.warning("what the run said is not kept for its page, this log has it: %s", why)


def _masked(output: KeptOutput) -> KeptOutput:
    from airflow.providers.common.compat.sdk import redact

    from floodmark.pipeline.page.output import bounded

    lines, documents = (redact(list(said), max_depth=_DEEP) for said in (output.lines, output.documents))
    return bounded(replace(output, lines=tuple(lines), documents=tuple(documents)))
