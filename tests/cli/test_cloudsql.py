"""The commands over ``adapter: cloudsql``: what they ask of a source goes by executeSql, what they read by exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floodmark.adapters.cloudsql import operations
from floodmark.adapters.cloudsql.operations import Pace
from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer
from tests.cli.shop import Shop, floodmark, hour

pytestmark = pytest.mark.slow


@pytest.fixture
def exported(shop: Shop, google: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, Instance]]:
    """The shop, and no way to its database but the Admin API."""
    monkeypatch.setattr(operations, "PACE", Pace(busy=1.0, grace=0.2, first=0.01, longest=0.1))
    monkeypatch.delenv("AIRFLOW_CONN_SHOP_DB", raising=False)
    instance = Instance(shop.database.dsn, google.storage.url)
    with CloudSqlServer(instance) as server:
        place = {"instance": "shop", "database": shop.database.dbname, "endpoint": server.url}
        keys = f"connection: google_cloud_default\nadapter: cloudsql\ncloudsql: {json.dumps(place)}\npool: one\n"
        text = Path(shop.file).read_text().replace("connection: shop_db\n", keys)
        Path(shop.file).write_text(text)
        yield shop, instance


def test_from_check_to_prove(exported: tuple[Shop, Instance]) -> None:
    shop, instance = exported
    shop.order(1, hour(2))
    checked = floodmark("check", shop.file, "--online", "--json")
    assert (checked.code, checked.err) == (0, "")
    planned = floodmark("plan", shop.file, "--json")
    assert planned.code == 0
    assert all(one["query"].startswith("SELECT 'h'") for one in planned.document["plans"])
    told = floodmark("doctor", shop.file, "--no-write", "--json").document["findings"]
    said = [one["said"] for one in told if (one["level"], one["about"]) == ("ok", "source")]
    assert said[0].startswith(f"Cloud SQL proj:shop/{shop.database.dbname}: PostgreSQL ")
    assert "public.orders can be read" in said
    assert instance.exports == []
    ran = floodmark("run", shop.file, "--gaps", "--table", "orders")
    assert ran.code == 0, ran.err
    assert len(instance.exports) >= 1
    balanced = floodmark("balance", shop.file, "orders")
    assert balanced.code == 0, balanced.err
    [proved] = floodmark("prove", shop.file, "--table", "orders", "--json").document["tables"]
    assert (proved["verdict"], proved["doubts"]) == ("proved", []), proved["says"]


def test_without_the_data_api_all_is_exported_and_it_is_said_how_to_have_it(exported: tuple[Shop, Instance]) -> None:
    shop, instance = exported
    instance.conduct.data_api = False
    shop.order(1, hour(2))
    answer = floodmark("run", shop.file, "--gaps", "--table", "orders")
    assert answer.code == 0, answer.err
    told = floodmark("doctor", shop.file, "--no-write", "--json")
    assert "gcloud sql instances patch shop --data-api-access=ALLOW_DATA_API" in told.out
    balanced = floodmark("balance", shop.file, "orders")
    assert balanced.code == 0, balanced.err
    assert all("_questions" in uri or uri.endswith("-1.csv") for uri in instance.exports)
