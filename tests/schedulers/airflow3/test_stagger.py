"""Tables of one cadence begin one after the other, and hold no worker while they wait."""

from __future__ import annotations

import pytest

from tests.schedulers import staggered
from tests.schedulers.airflow3.conftest import Schedulers
from tests.schedulers.shop import Shop
from tests.schedulers.source import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]


def test_a_table_begins_at_its_own_moment_of_each_slice(airflow: Schedulers, recent: Shop):
    before = staggered.rescheduled(airflow.runs_of)
    staggered.create(recent)
    airflow.unpause(recent.name)
    until("a table that waited", lambda: staggered.waited(airflow.runs_of, recent.name), 400,
          lambda: airflow.evidence(recent.name))  # fmt: skip
    staggered.verify(airflow.runs_of, recent.name, before)
