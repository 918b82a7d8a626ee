"""A page as HTML: its template, what the template calls, and the policy that lets no script in but our own."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from floodmark.core.command_line import command_line
from floodmark.core.time.interval import utc
from floodmark.pipeline.page.page import HOURS, Page
from floodmark.pipeline.page.stretches import WORDS

SCRIPTS = ("page.js", "theme.js")
"""Of the page; another one is told the second only."""


def html(shown: Page, *, note: str = "", aging: bool = True) -> str:
    """The whole file. Whatever a source, a table or a transaction is called stays text: all of it is escaped.

    ``note`` is said first; a page that is not ``aging`` is one of the past, and isn't called old.
    """
    legend = [(colour.value, word) for colour, word in WORDS.items()]
    few = any(not row.reads for row in shown.rows)
    return written("page.html", SCRIPTS, page=shown, hours=HOURS, legend=legend, few=few, note=note, aging=aging)


def written(template: str, scripts: tuple[str, ...], **told: Any) -> str:
    """One of the templates of this folder, with the style sheet, and these scripts of our own alone."""
    js = Markup().join(_file(name) for name in scripts)
    text = _environment().get_template(template).render(css=_file("page.css"), js=js, policy=policy(scripts), **told)
    return text.encode(errors="backslashreplace").decode()  # half a character, which no UTF-8 has


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": _moment,
        "minutes": _minutes,
        "parts": _parts,
        "bytes": _bytes,
        "command": command_line,
    }
    return environment


@cache
def _file(name: str) -> Markup:
    return Markup((Path(__file__).parent / name).read_text(encoding="utf-8"))


@cache
def policy(scripts: tuple[str, ...]) -> str:
    """Nothing from elsewhere, and no script but these of our own, by their digest."""
    js = "".join(_file(name) for name in scripts)
    digest = base64.b64encode(hashlib.sha256(js.encode()).digest()).decode()
    styles, ours = "style-src 'unsafe-inline'", f"script-src 'sha256-{digest}'"
    return f"default-src 'none'; {styles}; {ours}; base-uri 'none'; form-action 'none'"


def _moment(value: datetime | None, form: str = "%d %b %H:%M:%S") -> str:
    return f"{utc(value):{form}}" if value else ""


def _minutes(length: timedelta | None) -> str:
    if length is None:
        return ""
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 72 * 60 else f"{minutes // 1440} days"


_COMMAND = re.compile(r"(?<=: )floodmark [^;]+")


def _parts(text: str) -> Markup:
    """A text in which what can be typed is told apart."""
    escaped, at = Markup(), 0
    for match in _COMMAND.finditer(text):
        escaped += text[at : match.start()]
        escaped += Markup("<code>{}</code>").format(match.group())
        at = match.end()
    return escaped + text[at:]


def _bytes(count: int | None) -> str:
    if count is None:
        return ""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
