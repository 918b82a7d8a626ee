"""The ledger: its uuid, a head per target, reads and effects."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def moment() -> sa.types.TypeEngine:
    """UTC with microseconds: ISO text where there is no timestamp with zone."""
    return sa.Text().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")


def upgrade() -> None:
    """Make the tables, and the ledger's name."""
    ledger = op.create_table(
        "floodmark_ledger",
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uuid", name="pk_floodmark_ledger"),
    )
    op.bulk_insert(ledger, [{"uuid": str(uuid.uuid4()), "version": 1}])
    op.create_table(
        "floodmark_head",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_uuid", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("renewed_at", moment()),
        sa.Column("last_read_at", moment()),
        sa.Column("open_read", moment()),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("last", sa.JSON()),
        sa.Column("coverage", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("target", name="pk_floodmark_head"),
    )
    op.create_table(
        "floodmark_read",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("read_at", moment(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("mark", moment()),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("late", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("began_at", moment()),
        sa.Column("staged_at", moment()),
        sa.Column("applied_at", moment()),
        sa.Column("snapshot_xmin", sa.BigInteger()),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("target", "read_at", name="pk_floodmark_read"),
    )
    op.create_table(
        "floodmark_effect",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("read_at", moment(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("configuration", sa.JSON(), nullable=False),
        sa.Column("statistics", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("target", "read_at", "step", "attempt", name="pk_floodmark_effect"),
    )
    op.create_index("ix_floodmark_effect_job_id", "floodmark_effect", ["job_id"])


def downgrade() -> None:
    """Drop them all, and what they hold."""
    for table in ("floodmark_effect", "floodmark_read", "floodmark_head", "floodmark_ledger"):
        op.drop_table(table)
