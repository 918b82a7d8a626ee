"""The ledger's tables: what people query as columns, nested parts as JSON.

They are made by the migrations (``state/migrations``); a test holds the two equal. ``floodmark_ledger.version`` is the
number of the last migration, and covers the JSON documents too: a field that is added to a dataclass raises it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from floodmark.core.time.interval import utc

VERSION = 3
"""The layout that this program reads and writes; the number of the newest migration."""

metadata = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"})


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC with microseconds: ``timestamptz`` where there is one, else ISO text that sorts as time does."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.engine.Dialect) -> Any:
        """The type that the database has for it."""
        postgres = dialect.name == "postgresql"
        return dialect.type_descriptor(sa.TIMESTAMP(timezone=True) if postgres else sa.Text())

    def process_bind_param(self, value: datetime | None, dialect: sa.engine.Dialect) -> Any:
        """Raises ``ValueError`` for a naive moment."""
        if value is None:
            return None
        moment = utc(value)
        return moment if dialect.name == "postgresql" else moment.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: sa.engine.Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, Moment, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=nullable)


ledger = sa.Table("floodmark_ledger", metadata, sa.Column("uuid", sa.Text, primary_key=True), _number("version"))

head = sa.Table(
    "floodmark_head",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    _text("target_uuid"),
    _number("version"),
    _number("token"),
    _text("holder"),
    _moment("renewed_at"),
    _moment("last_read_at"),
    _moment("open_read"),
    _text("error"),
    _json("last", nullable=True),
    _json("coverage"),
    sa.Column("prefetched", sa.JSON(none_as_null=True), nullable=False, server_default="[]"),
    sa.Column("due", sa.JSON(none_as_null=True), nullable=False, server_default="[]"),
    _moment("reconciled_at"),
    _number("target_rows", nullable=True),
    sa.Column("balance", sa.JSON(none_as_null=True), nullable=False, server_default="{}"),
    sa.Column("spending", sa.JSON(none_as_null=True), nullable=False, server_default="{}"),
    sa.Column("forgotten", sa.JSON(none_as_null=True), nullable=False, server_default="{}"),
    sa.Column("versions", sa.JSON(none_as_null=True), nullable=False, server_default="{}"),
    sa.Column("totals", sa.JSON(none_as_null=True), nullable=False, server_default="{}"),
)

read = sa.Table(
    "floodmark_read",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("read_at", Moment, primary_key=True),
    _number("token"),
    _text("run_id"),
    _text("kind"),
    _text("state"),
    _moment("watermark"),
    _text("basis"),
    _number("rows"),
    _number("bytes"),
    _number("late"),
    _number("quarantined"),
    sa.Column("changed", sa.Boolean, nullable=False),
    _text("error"),
    _moment("began_at"),
    _moment("staged_at"),
    _moment("applied_at"),
    _number("snapshot_xmin", nullable=True),
    _text("query"),
    _json("document"),
)

effect = sa.Table(
    "floodmark_effect",
    metadata,
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column("read_at", Moment, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("attempt", sa.BigInteger, primary_key=True, autoincrement=False),
    _number("position"),
    sa.Column("job_id", sa.Text, nullable=False, index=True),
    _text("location"),
    _text("digest"),
    _text("state"),
    _text("error"),
    _json("configuration"),
    _json("statistics"),
)
