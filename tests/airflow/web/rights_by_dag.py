"""An auth manager of Airflow 3 with rights by DAG, as FAB and Keycloak have them: ``reader`` may see few."""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager

READABLE = ("shop", "shop__ops", "theirs", "forger", "till__ops")


class RightsByDag(SimpleAuthManager):
    """Airflow's own users and roles; but who is called ``reader`` may read few DAGs."""

    def is_authorized_dag(self, *, user: Any, details: Any = None, **asked: Any) -> bool:
        """As Airflow asks for it."""
        allowed: bool = super().is_authorized_dag(user=user, details=details, **asked)
        one = details.id if details else None
        return allowed and (user.username != "reader" or one is None or one in READABLE)
