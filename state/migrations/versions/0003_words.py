"""One word for one thing: mark is watermark, ahead prefetched, gone deleted; a read's portion says what it takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from floodmark.adapters.ledger import layouts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _head(*names: str) -> sa.TableClause:
    return sa.table("floodmark_head", sa.column("target", sa.Text), *(sa.column(name, sa.JSON) for name in names))


def _read() -> sa.TableClause:
    columns = [sa.column("target", sa.Text), sa.column("read_at", sa.Text), sa.column("kind", sa.Text)]
    return sa.table("floodmark_read", *columns, sa.column("document", sa.JSON))


def _rewrite(read: layouts.Step, segment: layouts.Step) -> None:
    """Every document of the ledger, one row at a time."""
    connection = op.get_bind()
    head = _head("last", "coverage")
    for row in connection.execute(sa.select(head.c.target, head.c.last, head.c.coverage)).all():
        last = None if row.last is None else read(row.last)
        values = {"last": sa.null() if last is None else last, "coverage": [segment(one) for one in row.coverage]}
        connection.execute(head.update().where(head.c.target == row.target).values(**values))
    table = _read()
    moment = sa.cast(table.c.read_at, sa.Text)
    wanted = sa.select(table.c.target, moment.label("read_at"), table.c.kind, table.c.document)
    for row in connection.execute(wanted).all():
        whole = read({**row.document, "kind": row.kind} if "portion" not in row.document else row.document)
        kind = whole["portion"]["kind"] if "portion" in whole else whole.pop("kind")
        where = (table.c.target == row.target) & (moment == row.read_at)
        connection.execute(table.update().where(where).values(kind=kind, document=whole))


def upgrade() -> None:
    """Columns, then documents."""
    with op.batch_alter_table("floodmark_head") as head:
        head.alter_column("ahead", new_column_name="prefetched", existing_type=sa.JSON(), existing_server_default="[]")
        head.add_column(sa.Column("due", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
        head.add_column(sa.Column("target_rows", sa.BigInteger()))
        head.add_column(sa.Column("balance", sa.JSON(), nullable=False, server_default="{}"))
        head.add_column(sa.Column("spending", sa.JSON(), nullable=False, server_default="{}"))
        head.add_column(sa.Column("forgotten", sa.JSON(), nullable=False, server_default="{}"))
        head.add_column(sa.Column("versions", sa.JSON(), nullable=False, server_default="{}"))
        head.add_column(sa.Column("totals", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("floodmark_read") as read:
        read.alter_column("mark", new_column_name="watermark")
    _rewrite(layouts.read_to_3, layouts.segment_to_3)
    op.execute("UPDATE floodmark_ledger SET version = 3")


def downgrade() -> None:
    """Documents, then columns."""
    _rewrite(layouts.read_to_2, layouts.segment_to_2)
    with op.batch_alter_table("floodmark_read") as read:
        read.alter_column("watermark", new_column_name="mark")
    with op.batch_alter_table("floodmark_head") as head:
        head.drop_column("due")
        head.drop_column("balance")
        head.drop_column("spending")
        head.drop_column("forgotten")
        head.drop_column("versions")
        head.drop_column("totals")
        head.drop_column("target_rows")
        head.alter_column("prefetched", new_column_name="ahead", existing_type=sa.JSON(), existing_server_default="[]")
    op.execute("UPDATE floodmark_ledger SET version = 2")
