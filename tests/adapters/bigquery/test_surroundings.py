"""What a dataset gives to its tables, or somebody to ours, is set as it was asked for, or refused (R34)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.api_core.exceptions import BadRequest
from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import Client

from floodmark.adapters.bigquery.surroundings import Departures, departures
from floodmark.adapters.bigquery.tables import resource
from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.core.ports import TargetTable
from floodmark.errors import TargetMismatch
from tests.fakes.before_google import Rule, before

DAY = timedelta(days=1)
TABLE = TargetTable(
    project="proj",
    dataset="d",
    table="t",
    fields=(("id", "INT64", ""), ("name", "STRING", ""), ("at", "TIMESTAMP", "")),
    partition_by="at",
    partition_unit="day",
    partition_expiration=90 * DAY,
    cluster_by=("id",),
)
CUT = {"type": "DAY", "field": "at", "expirationMs": "7776000000"}


def standing(**changes: Any) -> dict[str, Any]:
    """The table's resource, as it was made but for ``changes``."""
    return {**resource(TABLE), **changes}


def test_a_table_as_it_was_made_departs_in_nothing() -> None:
    assert not departures(TABLE, standing())
    assert not departures(TABLE, standing(timePartitioning={**CUT, "field": "AT"}))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"expirationTime": "1798448677952"}, Departures(expires=True)),
        ({"timePartitioning": {**CUT, "expirationMs": "2592000000"}}, Departures(partitions_expire=True)),
        ({"timePartitioning": {"type": "DAY", "field": "at"}}, Departures(partitions_expire=True)),
        ({"clustering": {"fields": ["name"]}}, Departures(clustered=True)),
        ({"clustering": None}, Departures(clustered=True)),
    ],
)
def test_what_can_be_set_is_named(changes: dict[str, Any], expected: Departures) -> None:
    assert departures(TABLE, standing(**changes)) == expected


def test_a_default_partition_expiration_is_taken_off_a_table_that_is_kept_for_ever() -> None:
    """BigQuery gives it to a partitioned table that names none."""
    for_ever = replace(TABLE, partition_expiration=None)
    assert departures(for_ever, standing()) == Departures(partitions_expire=True)
    assert not departures(for_ever, standing(timePartitioning={"type": "DAY", "field": "at"}))


def test_a_column_is_no_cluster_before_it_stands() -> None:
    """The key moved to a new column: current has it only when the read that brings it is applied."""
    moved = replace(TABLE, cluster_by=("uid",))
    assert not departures(moved, standing())
    with_it = {"fields": [*standing()["schema"]["fields"], {"name": "UID", "type": "STRING"}]}
    assert departures(moved, standing(schema=with_it)) == Departures(clustered=True)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timePartitioning": {**CUT, "field": "id"}}, "is partitioned by day of id, and should be by day of at"),
        ({"timePartitioning": {**CUT, "type": "MONTH"}}, "is partitioned by month of at"),
        ({"timePartitioning": {"type": "DAY"}}, "is partitioned by day of arrival"),
        ({"timePartitioning": None}, "is partitioned by nothing"),
        ({"timePartitioning": None, "rangePartitioning": {"field": "id"}}, "is partitioned by range of id"),
        ({"defaultCollation": "und:ci"}, r"new columns \(und:ci\)"),
        ({"schema": {"fields": [{"name": "name", "collation": "und:ci"}]}}, r"name \(und:ci\)"),
    ],
)
def test_what_can_not_be_set_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(TargetMismatch, match=said):
        departures(TABLE, standing(**changes))


@pytest.fixture
def warehouse(google: Any) -> BigQueryWarehouse:
    return BigQueryWarehouse(google.bigquery_client(), "EU")


@pytest.fixture
def table(datasets: Any) -> TargetTable:
    return replace(TABLE, project=datasets.project, dataset=datasets.current)


def there(google: Any, table: TargetTable) -> Any:
    return google.bigquery_client().get_table(table.reference)


def test_a_table_that_is_made_where_tables_expire_does_not(
    google: Any, warehouse: BigQueryWarehouse, table: TargetTable
) -> None:
    client = google.bigquery_client()
    dataset = client.get_dataset(table.dataset)
    dataset.default_table_expiration_ms = 30 * 86_400_000
    client.update_dataset(dataset, ["default_table_expiration_ms"])
    client.create_table(f"{table.dataset}.somebody")
    assert client.get_table(f"{table.dataset}.somebody").expires is not None
    assert warehouse.ensure(table)
    assert there(google, table).expires is None


def test_a_table_that_is_met_again_is_set_again(google: Any, warehouse: BigQueryWarehouse, table: TargetTable) -> None:
    warehouse.ensure(table)
    found = there(google, table)
    found.expires = datetime(2027, 1, 1, tzinfo=UTC)
    cut = found.time_partitioning
    cut.expiration_ms = 86_400_000
    found.time_partitioning = cut
    found.clustering_fields = ["name"]
    google.bigquery_client().update_table(found, ["expires", "time_partitioning", "clustering_fields"])
    assert warehouse.standing(table) is not None
    found = there(google, table)
    assert (found.expires, found.time_partitioning.expiration_ms) == (None, 90 * 86_400_000)
    assert found.clustering_fields == ["id"]
    for_ever = replace(table, partition_expiration=None, cluster_by=())
    assert warehouse.standing(for_ever) is not None
    found = there(google, table)
    assert (found.time_partitioning.expiration_ms, found.clustering_fields) == (None, None)


class NullMeansDefault:
    """A client whose PATCH doesn't take an expiration off, as BigQuery's, and whose ALTER TABLE does.

    See googleapis/python-bigquery#741.
    """

    def __init__(self, client: Any, *, refuses: bool) -> None:
        self.client, self.refuses, self.altered = client, refuses, list[str]()
        self.labels: dict[str, str] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def update_table(self, table: Any, fields: list[str]) -> Any:
        if self.refuses:
            raise BadRequest("Invalid value at 'table.time_partitioning.expiration_ms.value' (TYPE_INT64), \"None\"")
        return table

    def query(self, sql: str, *, job_config: Any, **named: Any) -> Any:
        self.altered.append(sql)
        self.labels = dict(job_config.labels)
        return self.client.query(sql, job_config=job_config, **named)


@pytest.mark.parametrize("refuses", [False, True])
@pytest.mark.parametrize(
    ("kept", "written"),
    [(None, "partition_expiration_days = NULL"), (90 * DAY, "partition_expiration_days = 90")],
)
def test_an_expiration_that_an_update_leaves_is_taken_off_by_a_statement(
    google: Any, warehouse: BigQueryWarehouse, table: TargetTable, refuses: bool, kept: timedelta | None, written: str
) -> None:
    table = replace(table, partition_expiration=kept)
    warehouse.ensure(replace(table, partition_expiration=30 * DAY))
    client = NullMeansDefault(google.bigquery_client(), refuses=refuses)
    assert BigQueryWarehouse(client, "EU").standing(table) is not None  # type: ignore[arg-type]
    [statement] = client.altered
    assert "expiration_timestamp = NULL" in statement
    assert written in statement
    assert (client.labels["floodmark_table"], client.labels["floodmark_step"]) == (table.table, "surroundings")
    assert there(google, table).time_partitioning.expiration_ms == (None if kept is None else 90 * 86_400_000)


def test_how_long_partitions_live_is_read_from_the_table(warehouse: BigQueryWarehouse, table: TargetTable) -> None:
    assert warehouse.partitions_live(table) is None
    warehouse.ensure(table)
    assert warehouse.partitions_live(table) == 90 * DAY


def test_a_table_whose_texts_are_compared_otherwise_is_refused(
    google: Any, warehouse: BigQueryWarehouse, table: TargetTable
) -> None:
    from google.cloud.bigquery import Table

    made = resource(table)
    made["schema"]["fields"][1]["collation"] = "und:ci"
    google.bigquery_client().create_table(Table.from_api_repr(made))
    with pytest.raises(TargetMismatch, match=r"name \(und:ci\)"):
        warehouse.ensure(table)
    with pytest.raises(TargetMismatch, match=r"name \(und:ci\)"):
        warehouse.standing(table)


@pytest.mark.slow
@pytest.mark.parametrize("lives", [None, 90 * DAY, timedelta(hours=36)], ids=str)
def test_where_an_update_is_refused_the_statement_sets_what_a_dataset_gave(
    google: Any, datasets: Any, lives: timedelta | None
) -> None:
    client = google.bigquery_client()
    dataset = client.get_dataset(datasets.current)
    dataset.default_partition_expiration_ms, dataset.default_table_expiration_ms = 86_400_000, 7_200_000
    client.update_dataset(dataset, ["default_partition_expiration_ms", "default_table_expiration_ms"])
    table = replace(TABLE, dataset=datasets.current, partition_expiration=lives)
    message = "Invalid value for: expirationTime is not a valid value"
    refused = 400, {"error": {"code": 400, "message": message, "errors": [{"reason": "invalid"}]}}
    with before(google.bigquery.url) as between:
        between.rules.append(Rule(method="PATCH", path=".*/tables/t", answer=lambda _query, _body: refused))
        through = Client("proj", AnonymousCredentials(), client_options={"api_endpoint": between.url})
        assert BigQueryWarehouse(through, "US").ensure(table)
    made = client.get_table(table.reference).to_api_repr()
    assert "expirationTime" not in made
    length = None if lives is None else str(lives // timedelta(milliseconds=1))
    assert made["timePartitioning"].get("expirationMs") == length
    assert not departures(table, made)
