"""Floodmark in Airflow's own web pages: under Browse, and as a tab of each DAG and each run.

Airflow loads this module in every process that asks for plugins, each task's among them, so it imports nothing. What a
web server needs is imported when it reads a property; no other process reads those.
"""

from __future__ import annotations

from typing import Any

from floodmark.airflow.compat.plugin_base import in_airflow_2_web_server, plugin_base

PREFIX = "/floodmark"
_ICON = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='{}'>"
    "<rect x='1' y='3' width='14' height='3'/><rect x='1' y='8' width='11' height='3'/>"
    "<rect x='1' y='13' width='8' height='2'/></svg>"
)
_DESTINATIONS = {"nav": "", "dag": "dag/{DAG_ID}", "dag_run": "dag/{DAG_ID}/run/{RUN_ID}"}
"""Of Airflow 3's, and what is shown there. Links are relative: the page around has a base, with a proxy's prefix."""


class FloodmarkPlugin(plugin_base()):  # type: ignore[misc]
    """Airflow reads its lists from an instance."""

    name = "floodmark"

    @property
    def external_views(self) -> list[dict[str, Any]]:
        """Airflow 3: where it is shown."""
        icons = {"icon": _ICON.format("black"), "icon_dark_mode": _ICON.format("white")}
        return [
            {
                "name": "Floodmark",
                "href": f"{PREFIX[1:]}/{place}",
                "destination": destination,
                "url_route": "floodmark" if destination == "nav" else f"floodmark_{destination}",
                **({"category": "browse"} if destination == "nav" else {}),
                **icons,
            }
            for destination, place in _DESTINATIONS.items()
        ]

    @property
    def fastapi_apps(self) -> list[dict[str, Any]]:
        """Airflow 3: what answers there."""
        from floodmark.airflow.web.fastapi_app import app

        return [{"app": app(), "url_prefix": PREFIX, "name": "Floodmark"}]

    @property
    def appbuilder_views(self) -> list[dict[str, Any]]:
        """Airflow 2: Browse, Floodmark."""
        if not in_airflow_2_web_server():
            return []
        from floodmark.airflow.web.flask_view import view

        return [{"name": "Floodmark", "category": "Browse", "view": view()}]
