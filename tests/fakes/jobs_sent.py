"""What Google's client of BigQuery sends in this process, as it goes over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from google.cloud.bigquery._http import Connection


@contextmanager
def jobs_sent() -> Iterator[list[dict[str, Any]]]:
    """The configurations of the jobs that are inserted meanwhile, dry runs too."""
    sent: list[dict[str, Any]] = []
    send = Connection.api_request

    def recorded(self: Connection, *arguments: Any, **named: Any) -> Any:
        configuration = (named.get("data") or {}).get("configuration")
        if configuration:
            sent.append(configuration)
        return send(self, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "api_request", recorded)
        yield sent


@contextmanager
def requests_sent() -> Iterator[list[str]]:
    """Every request meanwhile, by its method and its path below the project: ``GET datasets/shop/tables/orders``."""
    sent: list[str] = []
    send = Connection.api_request

    def recorded(self: Connection, *arguments: Any, **named: Any) -> Any:
        sent.append(f"{named['method']} {named['path'].removeprefix('/projects/').partition('/')[2]}")
        return send(self, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "api_request", recorded)
        yield sent
