"""Set what a table has from its surroundings, or from somebody, as it was asked for (R34)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from floodmark.adapters.bigquery.surroundings import Departures, departures
from floodmark.adapters.bigquery.tables import relaxed
from floodmark.adapters.google_errors import BIGQUERY, translated
from floodmark.core.bigquery.fields import described, tagged
from floodmark.core.bigquery.googlesql import statement
from floodmark.core.bigquery.jobs import marks
from floodmark.core.bigquery.tables import SOURCE_LABEL
from floodmark.core.ports import TargetTable
from floodmark.errors import TargetMismatch, WarehouseUnavailable

if TYPE_CHECKING:
    from google.cloud.bigquery import Client

log = logging.getLogger(__name__)


class Settling:
    """By the table's resource, and by a statement where that doesn't do. ``query`` runs one."""

    def __init__(self, client: Client, query: Callable[..., Any]) -> None:
        self._client, self._query = client, query

    def settle(self, table: TargetTable, there: Any) -> None:
        """Set what the table has from its surroundings, or from somebody, and see that it is set (R34).

        Raises ``TargetMismatch`` for what can't be set, ``WarehouseUnavailable`` where somebody changed it just now.
        """
        wrong = departures(table, there.to_api_repr())
        if not wrong:
            return
        left = self._set(table, there, wrong)
        if left.expires or left.partitions_expire:
            left = self._set_expiration(table)
        log.warning("%s: set what it had from its dataset or from somebody: %s", table.reference, wrong)
        if left:
            raise TargetMismatch(f"{table.reference}: BigQuery doesn't keep what was asked for (R34): {left}")

    def _set(self, table: TargetTable, there: Any, wrong: Departures) -> Departures:
        """Update the table's resource; what departs still."""
        from google.api_core.exceptions import BadRequest, PreconditionFailed
        from google.cloud.bigquery import SchemaField

        if wrong.expires:
            there.expires = None
        if wrong.partitions_expire:
            cut, length = there.time_partitioning, table.partition_expiration
            cut.expiration_ms = None if length is None else length // timedelta(milliseconds=1)
            there.time_partitioning = cut
        if wrong.clustered:
            there.clustering_fields = list(table.cluster_by) or None
        changed = ["expires", "time_partitioning", "clustering_fields"]
        if wrong.in_columns:
            changed.append("schema")
            fields = relaxed(tagged(there.to_api_repr()["schema"]["fields"], table.policy_tags), table.required)
            fields = described(fields, table.described)
            there.schema = [SchemaField.from_api_repr(each) for each in fields]
        with _translated(table.reference):
            try:
                self._client.update_table(there, changed)
            except PreconditionFailed as error:
                raise WarehouseUnavailable(
                    f"{table.reference}: changed by somebody else just now; try again"
                ) from error
            except BadRequest as error:  # an expiration of None, as some versions of the client write it
                log.info("%s: not updated: %s", table.reference, error.message)
            return departures(table, self._client.get_table(table.reference).to_api_repr())

    def _set_expiration(self, table: TargetTable) -> Departures:
        """The same by a statement: a null in a resource may mean *as the dataset has it*; what departs still.

        See googleapis/python-bigquery#741 and #2403.
        """
        length = table.partition_expiration
        hours = 0 if length is None else length // timedelta(hours=1)
        values = {"table": table.reference, "cut": bool(table.partition_unit), "hours": hours}
        whose = marks(table.labels.get(SOURCE_LABEL, ""), table.table, "surroundings")
        self._query(statement("set_expiration.sql", values), labels={**table.labels, **whose})
        with _translated(table.reference):
            return departures(table, self._client.get_table(table.reference).to_api_repr())


def _translated(what: str) -> Any:
    return translated(what, unavailable=WarehouseUnavailable, remedies=BIGQUERY)
