"""That a table's history is shown, or not any more."""

from __future__ import annotations

from dataclasses import replace

from floodmark.core.ledger.head import Head, Unlawful, following


def shown_as(head: Head, view: str) -> Head:
    """The history's view is this one by now (``project.dataset.table``); empty: there is none."""
    if not head.holder:
        raise Unlawful(f"{head.target}: its history was touched without the lease")
    return following(head, versions=replace(head.versions, view=view))
