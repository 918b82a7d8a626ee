"""What was read ahead of its run, and when nothing differed any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Two columns of the head."""
    moment = sa.Text().with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
    op.add_column("floodmark_head", sa.Column("ahead", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("floodmark_head", sa.Column("reconciled_at", moment))
    op.execute("UPDATE floodmark_ledger SET version = 2")


def downgrade() -> None:
    """Take them out again."""
    op.execute("UPDATE floodmark_ledger SET version = 1")
    with op.batch_alter_table("floodmark_head") as head:
        head.drop_column("reconciled_at")
        head.drop_column("ahead")
