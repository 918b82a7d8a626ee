"""A table's labels are changed one by one: what others put there stays (R19)."""

from __future__ import annotations

import pytest

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.core.ports import TargetTable
from floodmark.demo.servers.all import GoogleServers
from tests.conftest import Datasets


@pytest.mark.slow
def test_labels_of_other_names_stay(google: GoogleServers, datasets: Datasets) -> None:
    warehouse = BigQueryWarehouse(google.bigquery_client(), "EU")
    place = (datasets.project, datasets.current, "t")
    table = TargetTable(
        project=place[0], dataset=place[1], table=place[2], fields=(("id", "INT64", "The key"),),
        description="Kept", labels={"team": "data", "floodmark_ledger": "old"},
    )  # fmt: skip
    warehouse.ensure(table)
    warehouse.relabel(*place, {"floodmark_ledger": "new", "floodmark_target": "t"})
    assert warehouse.labels(*place) == {"team": "data", "floodmark_ledger": "new", "floodmark_target": "t"}
    assert warehouse.fields(*place) == (("id", "INT64"),)
    assert google.bigquery_client().get_table(".".join(place)).description == "Kept"
