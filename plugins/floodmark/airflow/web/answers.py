"""What is shown at each place, whichever Airflow asks. Who may see it is the caller's to say, DAG by DAG."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from floodmark.airflow.web import pages
from floodmark.pipeline.clock import now
from floodmark.pipeline.page import index as lists
from floodmark.pipeline.page.index import Entry
from floodmark.pipeline.page.kept import KeptPage, UnreadablePage
from floodmark.pipeline.page.render import SCRIPTS, html, policy

MayRead = Callable[[str], bool]
"""Whether who asks may read the runs of a DAG, by its id."""

OPS = "ops"
WITHOUT_PAGES = (OPS, "reconcile", "reload", "summaries", "upkeep")
"""What a source's other DAGs are for. One that has kept no page shows that of its source."""
NOT_OURS = "This is not a Floodmark DAG, or none of its runs has come to its last task, report, yet."
NOT_KEPT = "This run has kept no page: its task report, the last one, writes it. The DAG's tab shows the newest."
NOTHING_SAID = "This run has kept nothing: its task do keeps what it said when it ends. Until then see its log."
UNREADABLE = (
    "A page is kept, but this web server can't read it: another version of Floodmark has written it, or this Airflow "
    "keeps XComs elsewhere ([core] xcom_backend). The page lies in the bucket too, in the stage's folder _status."
)

OTHERS_UNREADABLE = (
    "Another DAG of this source has kept a page that this web server can't read, and that may be newer than this one."
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A whole HTML file, and which of our scripts it may run."""

    text: str
    scripts: tuple[str, ...] = lists.SCRIPTS

    @property
    def headers(self) -> dict[str, str]:
        """Nothing is kept or guessed by a browser, and nobody but Airflow's own pages may put it in a frame."""
        return {
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"{policy(self.scripts)}; frame-ancestors 'self'",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }


def index(may_read: MayRead) -> Answer:
    """The sources of which who asks may read a DAG, by the newest page of each."""
    at, newest, unread = now(), dict[str, tuple[str, KeptPage]](), list[str]()
    for dag_id in filter(may_read, pages.dags()):
        try:
            page = pages.newest(dag_id)
        except UnreadablePage:
            unread.append(dag_id)
            continue
        if page and (page.source not in newest or newest[page.source][1].now < page.now):
            newest[page.source] = (dag_id, page)
    entries = [Entry(kept=page, link=f"dag/{quote(dag_id, safe='')}", now=at) for dag_id, page in newest.values()]
    return Answer(text=lists.index(entries, unread))


def of_dag(dag_id: str, may_read: MayRead) -> Answer:
    """The newest page of the DAG's source, or a sentence where it has none."""
    try:
        found = [*_of_source(dag_id, may_read)]
    except UnreadablePage:
        return _says(dag_id, UNREADABLE)
    read = [page for page in found if page is not None]
    if not read:
        return _says(dag_id, UNREADABLE if found else NOT_OURS)
    return _page(max(read, key=lambda page: page.now), note="" if len(read) == len(found) else OTHERS_UNREADABLE)


def of_run(dag_id: str, run_id: str) -> Answer:
    """The page as that run wrote it; of a run of commands, what they said."""
    try:
        if page := pages.newest(dag_id, run_id):
            return _page(page, run_id)
        if said := pages.said(dag_id, run_id):
            return Answer(text=said.html(run_id))
    except UnreadablePage:
        return _says(run_id, UNREADABLE)
    return _says(run_id, NOTHING_SAID if dag_id.endswith(f"__{OPS}") else NOT_KEPT)


def _of_source(dag_id: str, may_read: MayRead) -> Iterator[KeptPage | None]:
    """What this DAG and the others of its source have kept, of those that who asks may read; None for what can't be.

    Raises ``UnreadablePage`` where this DAG's own can't be read.
    """
    own = pages.newest(dag_id)
    before, _, purpose = dag_id.rpartition("__")
    source = own.source if own else before if purpose in WITHOUT_PAGES else None
    if own:
        yield own
    if source is None:
        return
    for other in pages.dags():
        if other == dag_id or not pages.is_of(other, source) or not may_read(other):
            continue
        try:
            page = pages.newest(other)
        except UnreadablePage:
            yield None
            continue
        if page and page.source == source:
            yield page


def _page(kept: KeptPage, run_id: str = "", note: str = "") -> Answer:
    """One of the past isn't called old; what it leaves out is said."""
    notes = [f"As it stood at the end of the run {run_id}."] if run_id else [note] if note else []
    if kept.without:
        notes.append(f"It is too large to be kept here whole: without {kept.without}. All of it lies at {kept.uri}.")
    if not kept.page:
        return _says(kept.source, " ".join(notes))
    try:
        text = html(kept.shown(), note=" ".join(notes), aging=not run_id)
    except (UnreadablePage, ArithmeticError, TypeError, ValueError):  # what none of ours holds: no zone, a year 0 ...
        return _says(kept.source, UNREADABLE)
    return Answer(text=text, scripts=SCRIPTS)


def _says(title: str, sentence: str) -> Answer:
    return Answer(text=lists.says(title, sentence))
