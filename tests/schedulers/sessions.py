"""Sessions that write to a source while it is synced, each in a thread of its own, until they are told to end."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Self

from floodmark.demo.words import words

Session = Any
"""A connection of psycopg2 or PyMySQL."""
Deed = Callable[[Session, random.Random], None]
"""What is done with a session, by these dice; it leaves no transaction open."""
WITHIN = 60
"""Seconds in which a session ends that was told to."""


class Sessions:
    """One session for each deed, which is done again and again until the end of a ``with``.

    They are of the database at ``dsn``. ``done`` counts what came of it all. What any session ended with is raised in
    the end, as is that one of them hasn't ended.
    """

    def __init__(self, name: str, dsn: str, deeds: Sequence[Deed]) -> None:
        self.done: Counter[str] = Counter()
        self._dsn, self._words = dsn, words(dsn)
        self._ending = threading.Event()
        self._errors: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._work, args=(deed, random.Random(seed)), name=f"{name} {seed}", daemon=True)
            for seed, deed in enumerate(deeds)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.rest()

    def rest(self) -> None:
        """End all sessions. Raises what any of them ended with, and ``TimeoutError``."""
        self._ending.set()
        for thread in self._threads:
            thread.join(WITHIN)
        self.check()
        if alive := [thread.name for thread in self._threads if thread.is_alive()]:
            raise TimeoutError(f"{', '.join(alive)}: not ended {WITHIN} s after being told to")

    def check(self) -> None:
        """Raise the error of a session that has ended with one: the load would be lighter than it says."""
        if self._errors:
            raise self._errors[0]

    def _work(self, deed: Deed, dice: random.Random) -> None:
        try:
            with contextlib.closing(self._words.connect(self._dsn, threading.current_thread().name)) as session:
                while not self._ending.is_set():
                    deed(session, dice)
        except BaseException as error:
            self._errors.append(error)
