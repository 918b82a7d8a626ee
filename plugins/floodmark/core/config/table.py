"""What a user may write about one table, and what the rest of Floodmark gets of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Literal

from pydantic import Field

from floodmark.core.config import masks, names, target_types
from floodmark.core.config import values as v
from floodmark.core.config.formats import Format
from floodmark.core.time.cadence import Cron


class TableKeys(v.Keys):
    """Keys that a table has, and that ``defaults`` may give to every table. What isn't written is derived."""

    key: v.Columns | None = Field(None, description="Key column or columns. Default: from the catalog.")
    cursor: v.Columns | None = Field(
        None, description="Timestamp column that moves when a row changes; of several, the first that is not null. "
        "Default: from the catalog, where it is unambiguous.")  # fmt: skip
    sync: Literal["incremental", "append", "full"] | None = Field(
        None, description="incremental: upsert by key. append: rows never change; has no key. full: the whole table "
        "each time. Default: incremental where there is a cursor, else full.")  # fmt: skip
    columns: v.Globs = Field(v.Globs(), description="Globs of the columns to carry: include or exclude.")
    mask: v.Masked = Field(
        masks.Masks(), description="By column or glob, what travels in a value's place: sha256, {hmac: an Airflow "
        "connection}, redact, {truncate: n} or 'null'; clear where defaults would mask it. A table's come before those "
        "of defaults.")  # fmt: skip
    types: v.ChosenTypes = Field(
        target_types.Types(), description="By column, glob or the source's type, its type in BigQuery instead of its "
        "own: docs/types.md has what is allowed. {JSON: round} rounds wide numbers; default, where defaults would "
        "choose another. A value that doesn't fit is a bad one (bad_values). A table's come before those of "
        "defaults.")  # fmt: skip
    required: bool = Field(
        False, description="Make a column REQUIRED in current that is NOT NULL in the source, where none of its values "
        "can be NULL there. Only a table that is made anew gets them.")  # fmt: skip
    policy_tags: v.PolicyTags = Field(
        {}, description="By column or glob, the policy tag of the columns in raw and current, which says who may read "
        "them there: projects/P/locations/L/taxonomies/T/policyTags/X.")  # fmt: skip
    schema_: v.SchemaPolicy = Field(
        v.SchemaPolicy(), alias="schema", description="The source's columns are others: follow them (evolve), refuse "
        "the run (freeze), or leave it out (discard); or each kind by itself: {added, dropped, retyped}.")  # fmt: skip
    new_columns: Literal["carry", "hold"] | None = Field(
        None, description="The older spelling of `schema: {added: evolve}` (carry) and `{added: discard}` (hold)."
    )
    on_change: Literal["reload", "fail"] = Field(
        "reload", description="What was read counts no more, since its configuration or its table is another: read "
        "the table whole, or fail.")  # fmt: skip
    where: v.Text | None = Field(None, description="SQL predicate on the source: only these rows are synced.")
    leaving: Literal["delete", "ignore"] = Field(
        "delete", description="A row that `where` selects no more: its key is read with its slice, and leaves the "
        "target; or ignore: only selected rows are read, and it stays.")  # fmt: skip
    partition_by: v.Partition | None = Field(
        None, description="Column that never changes for a key; partitions the current table. Or {column, by}."
    )
    cluster_by: v.Cluster = Field((), description="Up to four columns. Default: the key.")
    clock: Literal["database", "application"] = Field(
        "database", description="Who writes the cursor: now() in the database, or the application's clock."
    )
    timezone: v.Zone | None = Field(None, description="Time zone of cursors without one. Default: UTC.")
    first_load: Literal["whole", "slices"] = Field(
        "whole", description="A new table: whole, before its first slice; or slices: only what its runs ask for."
    )
    first_load_rows: v.Counted = Field(
        5_000_000, description="A first load of more rows is read in parts of so many, along the key's index."
    )
    readers: v.Readers = Field(
        "auto", description="How many readers read the whole table side by side, in one snapshot; each has a "
        "connection. auto: in PostgreSQL by its size and what the server can spare; in MySQL one.")  # fmt: skip
    max_rate: v.Bytes | None = Field(
        None,
        description="Most that all readers of the table take from the source in a second: 50MB. Default: all.",
    )
    settle: v.Duration = Field(timedelta(seconds=60), description="How long after a slice's end the look is taken.")
    skew: v.Duration = Field(
        timedelta(0), description="How far the clock that writes the cursor may lie behind. "
        "Default: 0s; 60s under clock: application.")  # fmt: skip
    recheck: v.Whole = Field(
        1, description="How many sealed slices each run looks back into. Default: 1; 3 under clock: application."
    )
    lease_wait: v.Duration = Field(timedelta(minutes=5), description="How long a task waits for the table's lease.")
    retries: v.Whole = Field(3, description="How often Airflow tries again.")
    timeout: v.Duration = Field(timedelta(hours=6), description="How long one try of a task may take; 0 for ever.")
    priority: v.Counted = Field(1, description="Airflow's priority_weight of its tasks: the higher, the sooner.")
    queue: v.Text | None = Field(None, description="Airflow queue of its tasks. Default: Airflow's own.")
    pool_slots: v.Counted = Field(1, description="How many slots of the pool each task takes; no more than it has.")
    executor_config: v.ExecutorConfig = Field(
        {}, description="{pod_override: a pod}: under Kubernetes, what the pod of its tasks has otherwise than others, "
        "as Kubernetes writes it: {spec: {containers: [{name: base, resources: ...}]}}.")  # fmt: skip
    owner: v.Text | None = Field(None, description="Whom to ask. Default: the source's owner.")
    tags: v.Texts = Field((), description="Words to find the table by.")
    start: v.Instant | None = Field(None, description="From when rows are synced, UTC. Default: the source's start.")
    cadence: v.Cadence | None = Field(None, description="How often. Default: the source's cadence.")
    freshness: v.Duration | None = Field(None, description="How old the data may get before it counts as late.")
    require_rows: bool = Field(
        False, description="A read that brings no row fails, and so does one that would leave the target empty; the "
        "target stays as it is.")  # fmt: skip
    deletes: v.Deletes = Field(
        v.Deletes.model_validate("ignore"),
        description="ignore; {soft: column, mode: remove or flag}; or reconcile: all keys are compared once a day.",
    )
    reconcile_share: v.Share = Field(
        0.1, description="How much of the table one reconcile looks into row by row: a percentage."
    )
    reconcile_bytes: v.Bytes | None = Field(
        None, description="Most that BigQuery may process for one reconcile: 50GB. Default: no limit."
    )
    balance: Literal["none", "counts", "keys", "rows"] = Field(
        "rows", description="How deep both ends are compared each day: counts; keys too; rows too, a share of them."
    )
    balance_share: v.Share = Field(
        1 / 30, description="How much of the rows one day's balance compares: a percentage. Default: a thirtieth."
    )
    history: bool = Field(
        False, description="Keep a view <table>__history beside the current table: every version of each row that raw "
        "has, with valid_from, valid_to and is_current. Needs a key.")  # fmt: skip
    null_cursor: Literal["fail", "include", "ignore"] = Field(
        "fail", description="Rows whose cursor is null or infinite: fail the run, read them with every slice, or not."
    )
    bad_values: Literal["encode", "quarantine", "fail"] = Field(
        "encode", description="A value that BigQuery can't hold: encode: NULL in its place, its text beside it. "
        "quarantine: its row is held out. fail: so does the run.")  # fmt: skip
    format: Format = Field(
        "parquet", description="How a read waits in the stage: parquet; ndjson or csv, which are compressed (gzip), "
        "slower and larger.")  # fmt: skip
    offload: Literal["auto", True, False] = Field(
        "auto", description="Under adapter: cloudsql, export from a temporary copy of the instance, at extra cost: "
        "what is read is then assumed. auto: first loads, reloads and backfills.")  # fmt: skip
    verify: Literal["none", "sample", "full"] = Field("none", description="Checksums beyond the counts; billed.")


class TableEntry(TableKeys):
    """One table as it is written. All keys are optional: a table may be just its name."""

    from_: v.Relation | None = Field(
        None, alias="from", description="[schema.]table in the source. Default: public.<name>."
    )
    to: v.TableName | None = Field(None, description="Name of the target table. Default: the table's name here.")
    sql: v.Text | None = Field(
        None, description="A SELECT of one's own, a path relative to this file. Default: <source>/<table>.sql, if "
        "it is there.")  # fmt: skip
    rename: v.Renamed = Field(
        {}, description="Columns that are called otherwise in BigQuery: the source's name: the name there. All other "
        "keys name columns as the source does.")  # fmt: skip
    renamed: v.Followed = Field(
        {}, description="Columns that the source came to call otherwise: the old name: the new name. They are followed "
        "instead of read anew: renamed in raw and current too. May stay once that is done.")  # fmt: skip
    description: v.Text | None = Field(None, description="Of the target table. Default: the source table's comment.")


class TableConfig(TableEntry):
    """One table with everything filled in: its defaults and its source's.

    Still ``None``, since only the catalog knows: ``key``, ``cursor``, ``sync`` (see :mod:`floodmark.core.resolve`).
    ``timeout`` of zero is none.
    """

    name: str
    """Its key in the mapping ``tables``: what commands, parameters and task groups call it."""
    from_: v.Relation = Field(alias="from")
    to: v.TableName
    start: v.Instant
    cadence: v.Cadence
    timezone: v.Zone = "UTC"
    own_columns: bool = Field(False, exclude=True)
    """Whether ``columns`` were written for this very table: globs in ``defaults`` need not match in every one."""
    own_masks: tuple[str, ...] = Field((), exclude=True)
    """The globs of ``mask`` that were written for this very table, likewise."""
    own_types: tuple[str, ...] = Field((), exclude=True)
    """The same of ``types``."""
    own_tags: tuple[str, ...] = Field((), exclude=True)
    """The same of ``policy_tags``."""

    @property
    def relation(self) -> names.Relation:
        """The table in the source."""
        return self.from_

    @property
    def policy(self) -> v.SchemaPolicy:
        """What becomes of a change of the source's columns."""
        if self.new_columns is None:
            return self.schema_
        return self.schema_.model_copy(update={"added": "evolve" if self.new_columns == "carry" else "discard"})

    @property
    def choices(self) -> target_types.Choices:
        """Which types are chosen for its columns."""
        return target_types.Choices(
            types=self.types, masks=self.mask, timezone=self.timezone, soft=self.deletes.soft or ""
        )

    def in_target(self, column: str) -> str:
        """What a column of the source is called in BigQuery."""
        return self.rename.get(column, column)

    def tags_in_target(self, columns: Sequence[str]) -> dict[str, str]:
        """The policy tags of those columns of the target that have one: by the name there is, else the first glob."""
        source = {target: column for column, target in self.rename.items()}
        tags = {name: masks.of_column(self.policy_tags.items(), source.get(name, name)) for name in columns}
        return {name: tag for name, tag in tags.items() if tag}

    def uses(self, key: Sequence[str], cursor: Sequence[str]) -> masks.Uses:
        """What its columns are for, where ``key`` and ``cursor`` are these."""
        return masks.Uses(
            key=key,
            cursor=cursor,
            partition=self.partition_by.column if self.partition_by else "",
            soft=self.deletes.soft or "",
        )

    @property
    def several(self) -> int:
        """How many readers it says are to read it; 0 where it names no number, or one."""
        return self.readers if isinstance(self.readers, int) and self.readers > 1 else 0

    def called(self, names: Mapping[str, str]) -> TableConfig:
        """The same table where columns of the source are called by these ``names`` in BigQuery."""
        return self.model_copy(update={"rename": {**self.rename, **names}}) if names else self

    def all_in_target(self, columns: Sequence[str]) -> tuple[str, ...]:
        """The same of several."""
        return tuple(self.in_target(column) for column in columns)


def fill(name: str, written: dict[str, object], defaults: dict[str, object], source: dict[str, object]) -> TableConfig:
    """One table out of its own keys, ``defaults`` and its source, nearer ones first; all as they were written.

    A key whose value is null counts as not written, and undoes the one in ``defaults``.

    Raises:
        pydantic.ValidationError: a value that the parser of its key refuses.
    """
    keys = {key: value for key, value in {**defaults, **written}.items() if value is not None}
    # What sync means is said by the nearer mapping; a key or cursor from the further one is then of no use.
    for useless in {"append": ("key",), "full": ("cursor",)}.get(str(written.get("sync")), ()):
        if written.get(useless) is None:
            keys.pop(useless, None)
    # Two spellings of one thing: the nearer mapping's counts.
    for spelling, other in (("schema", "new_columns"), ("new_columns", "schema")):
        if written.get(spelling) is not None and written.get(other) is None:
            keys.pop(other, None)
    keys.setdefault("from", f'public."{name}"')
    keys.setdefault("to", name)
    keys.setdefault("start", source["start"])
    keys.setdefault("cadence", source.get("cadence", "1h"))
    if "owner" in source:
        keys.setdefault("owner", source["owner"])
    if source.get("adapter") == "cloudsql":
        keys.setdefault("balance", "counts")  # an export is a snapshot of its own, so keys and rows aren't compared
    if keys.get("clock") == "application":
        keys.setdefault("skew", "60s")
        keys.setdefault("recheck", 3)
    own_columns = written.get("columns") is not None
    mask = written.get("mask")
    if mask is not None:
        keys["mask"] = masks.together(mask, defaults.get("mask"))
    chosen = written.get("types")
    if chosen is not None:
        keys["types"] = masks.together(chosen, defaults.get("types"))
    own_masks = tuple(map(str, mask)) if isinstance(mask, dict) else ()
    tags = written.get("policy_tags")
    own = {
        "own_columns": own_columns,
        "own_masks": own_masks,
        "own_types": tuple(map(str, chosen)) if isinstance(chosen, dict) else (),
        "own_tags": tuple(map(str, tags)) if isinstance(tags, dict) else (),
    }
    table = TableConfig.model_validate({**keys, "name": name, **own})
    if isinstance(table.cadence, Cron):  # its slices needn't begin at the midnight that a source's start is
        return table.model_copy(update={"start": table.cadence.boundary(table.start)})
    return table
