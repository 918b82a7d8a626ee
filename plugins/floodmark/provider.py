"""What Airflow is told of this distribution, as its entry point ``apache_airflow_provider``.

Airflow loads this module in every process that asks for providers, so it imports nothing.
"""

from __future__ import annotations

from typing import Any


def provider_info() -> dict[str, Any]:
    """As Airflow's ``provider_info.schema.json`` wants it. Airflow 2 doesn't know ``cli`` and passes over it."""
    return {
        "package-name": "floodmark",
        "name": "Floodmark",
        "description": "Hourly, provable sync from an operational database into BigQuery",
        "cli": ["floodmark.airflow.backfill.command.commands"],
    }
