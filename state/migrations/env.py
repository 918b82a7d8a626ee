"""Alembic's environment. The program hands in its own connection, inside the transaction that holds the lock.

For writing a new migration by hand: ``alembic -x url=sqlite:///some.db revision --autogenerate``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from floodmark.adapters.ledger.schema import REVISIONS
from floodmark.adapters.ledger.tables import metadata


def ours(name: str | None, kind: str, _: object) -> bool:
    """A ledger may share its database: look at its own tables only."""
    return kind != "table" or (name or "").startswith("floodmark_")


def run(connection: sa.engine.Connection) -> None:
    """Run the migrations that were asked for, on this connection."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        version_table=REVISIONS,
        transactional_ddl=True,
        include_name=ours,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with sa.create_engine(context.get_x_argument(as_dictionary=True)["url"], future=True).begin() as own:
        run(own)
