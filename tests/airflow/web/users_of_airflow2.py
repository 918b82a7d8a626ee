"""The users of an Airflow 2: one of the role Admin, and one whose role may read some DAGs."""

from __future__ import annotations

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

READABLE = ("shop", "shop__ops", "theirs", "forger", "till__ops")
PERMISSIONS = [
    ("menu_access", "Floodmark"), ("menu_access", "Browse"), ("can_read", "Website"), ("can_read", "DAG Runs"),
    *(("can_read", f"DAG:{dag_id}") for dag_id in READABLE),
]  # fmt: skip


def make(password: str) -> None:
    """Both, by Flask-AppBuilder's own calls."""
    with get_application_builder() as builder:
        manager = builder.sm
        role = manager.add_role("Reader")
        for action, resource in PERMISSIONS:
            manager.add_permission_to_role(role, manager.create_permission(action, resource))
        for name, its in (("admin", manager.find_role("Admin")), ("reader", role)):
            assert manager.add_user(name, name, name, f"{name}@example.org", its, password)


if __name__ == "__main__":
    from tests.airflow.web.served import PASSWORD

    make(PASSWORD)
