"""Tables: names, texts, what they are clustered by, and what they get from their dataset (R27, R34)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.core.bigquery.tables import READ_AT
from floodmark.core.config import column_names
from floodmark.core.ports import TargetTable
from tests.cloud.finding import Check, Finding, NotAskable, held
from tests.cloud.place import KMS_KEY, Place

NAMES = (
    "größe", "a b", "a-b", "&%=+:'<>#|", "列", "_x", "1st", "select", "x" * 300,
    "temp_°C", "preis_€", "ok\t", "🙂", "№", "™", "x" * 301,
    "_CHANGE_TYPE", "_Partition_x", "_TABLE_x",
    "a.b", "a/b", "a!",
)  # fmt: skip
TYPES = {
    **dict.fromkeys(("BIGNUMERIC", "BOOL", "DATE", "DATETIME", "INT64", "NUMERIC", "STRING", "TIMESTAMP"), True),
    **dict.fromkeys(("BYTES", "FLOAT64", "JSON", "TIME"), False),
}
"""Whether a table may be clustered by a column of this type, as the product takes it."""
TABLE_TEXT, COLUMN_TEXT, COLUMNS = 16_384, 1_024, 10_000


def create(place: Place, name: str, fields: Sequence[tuple[str, str]], dataset: str = "checks", **changes: Any) -> str:
    """Make a table of the suite's own, as ``tables.insert`` takes it; its reference."""
    from google.cloud.bigquery import Table

    resource = {
        "tableReference": {"projectId": place.project, "datasetId": place.datasets[dataset], "tableId": name},
        "schema": {"fields": [{"name": column, "type": kind} for column, kind in fields]},
        **changes,
    }
    place.bigquery.create_table(Table.from_api_repr(resource))
    return place.table(name, dataset)


def names(place: Place) -> Iterator[Finding]:
    """Which names of columns BigQuery takes, against the product's own list."""
    taken, refused, wrong = 0, 0, []
    for number, name in enumerate(NAMES):
        said = place.refusal(create, place, f"name_{number}", [(name, "STRING")])
        taken, refused = taken + (not said), refused + bool(said)
        if bool(said) != bool(column_names.refusal(name)):
            wrong.append(f"{name!r}: {said or 'taken'}")
    refusals = sum(1 for name in NAMES if column_names.refusal(name))
    yield held(
        "columns' names", asked=f"{len(NAMES)} names, each as the column of a table of its own",
        expected=f"{len(NAMES) - refusals} taken, {refusals} refused: those that the product refuses",
        came="; ".join([f"{taken} taken, {refused} refused", *wrong]), well=not wrong,
    )  # fmt: skip


def clustering(place: Place) -> Iterator[Finding]:
    """Which types a table may be clustered by; and raw, by the very column that it is partitioned by."""
    wrong = []
    for kind, allowed in TYPES.items():
        said = place.refusal(create, place, f"clustered_{kind}", [("one", kind)], clustering={"fields": ["one"]})
        if bool(said) is allowed:
            wrong.append(f"{kind}: {said or 'taken'}")
    takes, refuses = ([kind for kind, allowed in TYPES.items() if allowed is wanted] for wanted in (True, False))
    yield held(
        "clustering", asked="a table clustered by a column of each type",
        expected=f"taken: {', '.join(takes)}; refused: {', '.join(refuses)}",
        came="; ".join(wrong) or "so it is", well=not wrong,
    )  # fmt: skip
    said = place.refusal(
        create, place, "as_raw", [(READ_AT, "TIMESTAMP"), ("id", "INT64")], clustering={"fields": [READ_AT, "id"]},
        timePartitioning={"type": "DAY", "field": READ_AT},
    )  # fmt: skip
    fields = [] if said else place.bigquery.get_table(place.table("as_raw")).clustering_fields
    yield held(
        "clustering", asked=f"a table partitioned by the day of {READ_AT} and clustered by it first, as raw is",
        expected="taken, and clustered so", came=said or f"clustered by {', '.join(fields or ['nothing'])}",
        well=fields == [READ_AT, "id"],
    )  # fmt: skip


def texts(place: Place) -> Iterator[Finding]:
    """How long a description may be, and how many columns a table may have."""
    one = {"name": "a", "type": "BOOL"}
    cases: tuple[tuple[str, int, Callable[[int], dict[str, Any]]], ...] = (
        ("a table's description", TABLE_TEXT, lambda size: {"description": "x" * size, "schema": {"fields": [one]}}),
        ("a column's description", COLUMN_TEXT, lambda size: _of([one | {"description": "x" * size}])),
        ("a table's columns", COLUMNS, lambda size: _of([{**one, "name": f"c{number}"} for number in range(size)])),
    )
    for number, (what, most, resource) in enumerate(cases):
        said = [
            place.refusal(create, place, f"length_{number}_{size}", [], **resource(size)) for size in (most, most + 1)
        ]
        yield held(
            "lengths", asked=f"{what}: {most:,}, and one more", expected="taken, refused",
            came=", ".join(each or "taken" for each in said), well=not said[0] and bool(said[1]),
        )  # fmt: skip


def _of(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"schema": {"fields": fields}}


def defaults(place: Place) -> Iterator[Finding]:
    """What the product's own tables have where the dataset would give them expirations and a collation (R34)."""
    warehouse = BigQueryWarehouse(place.bigquery, place.location)
    for what, wanted in (("raw", timedelta(days=90)), ("current", None)):
        table = TargetTable(
            project=place.project, dataset=place.datasets["defaults"], table=what, partition_by="at",
            partition_unit="day", partition_expiration=wanted, cluster_by=("id",),
            fields=(("id", "STRING", ""), ("at", "TIMESTAMP", "")),
        )  # fmt: skip
        warehouse.ensure(table)
        there = place.bigquery.get_table(table.reference).to_api_repr()
        came = _surroundings(there)
        milliseconds = "none" if wanted is None else str(wanted // timedelta(milliseconds=1))
        expected = {"the table expires": "never", "partitions, ms": milliseconds, "collation": "none"}
        yield held(
            "a dataset's defaults", asked=f"a table made as {what} is, where the dataset expires tables and partitions "
            "after a day and has the collation und:ci", expected=_said(expected), came=_said(came),
            well=came == expected,
        )  # fmt: skip
    cut = {"type": "DAY", "field": "moment"}
    create(place, "left_alone", [("id", "STRING"), ("moment", "TIMESTAMP")], "defaults", timePartitioning=cut)
    came = _surroundings(place.bigquery.get_table(place.table("left_alone", "defaults")).to_api_repr())
    yield held(
        "a dataset's defaults", asked="a table of which nothing is said", expected="it takes all of them over",
        came=_said(came), well="none" not in came.values() and came["the table expires"] != "never",
    )  # fmt: skip


def _surroundings(there: Mapping[str, Any]) -> dict[str, str]:
    collations = {field.get("collation") or "" for field in there["schema"]["fields"]} - {""}
    return {
        "the table expires": "some day" if there.get("expirationTime") else "never",
        "partitions, ms": str((there.get("timePartitioning") or {}).get("expirationMs") or "none"),
        "collation": ", ".join(sorted(collations)) or "none",
    }


def _said(values: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in values.items())


def collation(place: Place) -> Iterator[Finding]:
    """What a collated key would do, which is why the product refuses one."""
    name = place.table("collated")
    place.query(f"CREATE TABLE `{name}` (id STRING COLLATE 'und:ci')")
    place.query(f"INSERT INTO `{name}` (id) VALUES ('a'), ('A')")
    [(keys,)] = place.rows(f"SELECT COUNT(DISTINCT id) FROM `{name}`")
    yield held("a collated key", asked="the keys 'a' and 'A' of a column with the collation und:ci", expected="1 key",
               came=f"{keys} keys", well=keys == 1)  # fmt: skip


def key_of_ones_own(place: Place) -> Iterator[Finding]:
    """A table under a customer's key."""
    if not place.kms_key:
        raise NotAskable(f"set {KMS_KEY}=projects/…/cryptoKeys/… to have it asked")
    given = {"kmsKeyName": place.kms_key}
    name = create(place, "with_key", [("id", "INT64")], encryptionConfiguration=given)
    from tests.cloud.checks.loads import integers, loaded

    job = loaded(place, name, {"id": integers(3)}, destinationEncryptionConfiguration=given)
    yield held("a key of one's own", asked="3 rows loaded into a table under it, the key named by the job too",
               expected="3 rows", came=f"{job.output_rows} rows", well=job.output_rows == 3)  # fmt: skip
    job = loaded(place, name, {"id": integers(3)})
    yield held("a key of one's own", asked="3 more, the job naming no key, as the product's", expected="3 rows",
               came=f"{job.output_rows} rows", well=job.output_rows == 3)  # fmt: skip


CHECKS = (
    Check(name="columns' names", ask=names),
    Check(name="clustering", ask=clustering),
    Check(name="lengths", ask=texts),
    Check(name="a dataset's defaults", ask=defaults),
    Check(name="a collated key", ask=collation, here="it knows no collations in a statement"),
    Check(name="a key of one's own", ask=key_of_ones_own),
)
