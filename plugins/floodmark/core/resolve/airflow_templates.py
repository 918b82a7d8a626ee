"""A SELECT of somebody's old DAG, that Airflow's Jinja was to fill in: which lines to drop (R29).

Floodmark fills in no template: it sets what it is given in parentheses, and puts the bounds of a slice around it. The
names are those of Airflow's page "Templates reference".
"""

from __future__ import annotations

import re

from floodmark.core.config.readable import one_line
from floodmark.core.refused import Refused

_BLOCK = r"\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|endset|macro|with|filter|raw|include|import|block)\b.*?%\}"
_TEMPLATE = re.compile(rf"\{{\{{.*?\}}\}}|{_BLOCK}", re.DOTALL)
_INTERVAL = re.compile(
    r"\b(?:(?:prev_|next_)?(?:data_interval_(?:start|end)(?:_success)?|execution_date|start_date_success|ds|logical_date)"
    r"(?:_nodash|_success)?|ts(?:_nodash(?:_with_tz)?)?|(?:yesterday|tomorrow)_ds(?:_nodash)?)\b"
)
"""What stands for a run's time."""
_OTHER = re.compile(r"\b(?:params|var|conn|macros|dag_run|dag|run_id|task|ti|task_instance|inlets|outlets)\b")
"""What else a template of Airflow's may hold."""
_SHOWN = 80


SLICES = "drop the bounds in {which}: Floodmark reads each slice by the cursor, and puts them itself"
"""What to do with bounds in a SELECT that is read by slices."""


def refuse_template(text: str, instead: str = SLICES) -> None:
    """Raise ``Refused`` where it is a template of Airflow's, with the lines to drop or to fill in.

    ``instead`` says what to do with the bounds in ``{which}`` lines.
    """
    templates = [match for match in _TEMPLATE.finditer(text) if _is_airflows(match[0])]
    if not templates:
        return
    bounds = [match for match in templates if _INTERVAL.search(match[0])]
    lines = _lines(text, bounds or templates)
    written = text.split("\n")
    said = "; ".join(f"line {number}: {one_line(written[number - 1], _SHOWN)}" for number in lines)
    remedy = "write the value itself: nothing fills in a template here"
    if bounds:
        which = f"line {lines[0]}" if len(lines) == 1 else f"lines {', '.join(map(str, lines))}"
        remedy = instead.format(which=which)
    raise Refused(f"is a template of Airflow's ({said})", remedy)


def _is_airflows(template: str) -> bool:
    return template.startswith("{%") or bool(_INTERVAL.search(template) or _OTHER.search(template))


def _lines(text: str, templates: list[re.Match[str]]) -> list[int]:
    """The numbers of the lines in which they begin or end, the first is 1."""
    places = {place for match in templates for place in (match.start(), match.end() - 1)}
    return sorted({text.count("\n", 0, place) + 1 for place in places})
