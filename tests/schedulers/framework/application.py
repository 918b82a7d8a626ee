"""What an application does to the twelve tables while they are synced: requests, jobs, procedures, and XA.

Some timestamps are the database's, some the application's own. Of the history only every third row is changed, so most
of a table can be held against current at any moment.
"""

from __future__ import annotations

import contextlib
import itertools
import random
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from floodmark.demo.words import named
from tests.schedulers.sessions import Deed, Sessions

HISTORY = 150
"""Rows of the history that may be changed, at most."""

STATEMENTS = named((Path(__file__).parent / "deeds.sql").read_text(encoding="utf-8"))
"""One for each deed."""
NEW = ("register", "order", "line", "pay", "offer", "coin", "attach", "review", "track", "migrate")
"""Deeds that touch no row of the history: whoever does them late keeps nobody waiting."""


class Application(Sessions):
    """Sessions that write until the end of a ``with``, and one transaction that ends when it is told to.

    ``done`` counts deeds and how transactions ended.
    """

    def __init__(self, dsn: str) -> None:
        self._numbers = itertools.count()
        deeds: list[Deed] = [self._request, self._request, self._job, self._in_two_phases]
        super().__init__("application", dsn, [partial(self._now_and_then, deed) for deed in deeds])
        self._late = self._words.connect(dsn, "late")

    def __exit__(self, *_: object) -> None:
        with contextlib.closing(self._late):
            self.rest()

    def begin_late(self) -> None:
        """Write something new into most tables, and don't commit. What it refers to is changed by nobody."""
        for deed in NEW:
            self._do(self._late, deed, self._values(random.Random(0), text=f"late {deed}", sku="late", old=1))

    def commit_late(self) -> None:
        """Commit what :meth:`begin_late` wrote."""
        self._late.commit()

    def _now_and_then(self, deed: Deed, session: Any, dice: random.Random) -> None:
        """A deed, and a pause. What another session's lock undid is given up."""
        try:
            deed(session, dice)
        except Exception as error:
            if not self._words.is_passing(error):
                raise
            session.rollback()
            self.done["given up"] += 1
        self._ending.wait(dice.expovariate(2.0))

    def _request(self, session: Any, dice: random.Random) -> None:
        """A few deeds in a transaction; one in ten is undone."""
        undone = dice.random() < 0.1
        for deed in dice.sample(list(STATEMENTS), dice.randint(1, 3)):
            self._do(session, deed, self._values(dice))
        session.rollback() if undone else session.commit()
        self.done["rollbacks" if undone else "transactions"] += 1

    def _job(self, session: Any, dice: random.Random) -> None:
        """A procedure of several statements, whose own times are those of its statements; it may wait meanwhile."""
        self._do(session, "capture", self._values(dice))
        self._ending.wait(dice.uniform(0, 2))
        self._do(session, "track", self._values(dice))
        session.commit()
        self.done["jobs"] += 1

    def _in_two_phases(self, session: Any, dice: random.Random) -> None:
        """Prepared here, committed a moment later."""
        gid = f"xa-{uuid.uuid4().hex}"
        self._words.begin_two_phases(session, gid)
        for deed in ("pay", "review", "track"):  # none waits for a lock, so it needn't be undone in the middle
            self._do(session, deed, self._values(dice))
        self._words.prepare(session, gid)
        self._ending.wait(dice.uniform(0.1, 3))
        self._words.commit_prepared(session, gid)
        self.done["prepared"] += 1
        self._ending.wait(dice.uniform(1, 5))

    def _do(self, session: Any, deed: str, values: Mapping[str, Any]) -> None:
        with session.cursor() as cursor:
            cursor.execute(STATEMENTS[deed], values)
            while cursor.nextset():
                pass
        self.done[deed] += 1

    def _values(self, dice: random.Random, **own: Any) -> Mapping[str, Any]:
        """What any statement may name; the application's own clock among it, UTC, as frameworks write it."""
        old, now = 3 * dice.randrange(1, HISTORY // 3), datetime.now(UTC).replace(tzinfo=None)
        return {
            "old": old, "old_uuid": f"{old:08X}-0000-4000-8000-000000000000", "sku": f"sku-{old}",
            "uuid": str(uuid.uuid4()), "text": f"{next(self._numbers)}: it's \\ \"new\" 店",
            "now": now, "second": now.replace(microsecond=0),
        } | own  # fmt: skip
