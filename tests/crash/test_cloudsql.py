"""SIGKILL around the one effect that a read of Cloud SQL's has outside: the request to export (R17)."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from floodmark.core.ledger.effect import EffectState
from floodmark.core.ledger.read import State
from floodmark.demo.servers.all import Database, GoogleServers
from floodmark.demo.servers.cloud_sql.instance import Instance
from floodmark.demo.servers.cloud_sql.server import CloudSqlServer
from tests.conftest import Datasets
from tests.crash.shop import Shop
from tests.crash.step import Task
from tests.crash.test_crash_matrix import is_as_after_an_unbroken_run

BEGUN, INTENDED, EXPORTED, OBJECT, MANIFEST, STAGED = range(2, 8)
"""The writes of an extract after the first, by which the lease is taken."""
CASES = [
    (INTENDED, "before"),  # nothing of the export was written down: its read is void
    (INTENDED, "after"),  # written down, and never sent: looked for in vain, then sent under another name
    (EXPORTED, "before"),  # done, and nobody wrote that down
    (EXPORTED, "after"),
    (OBJECT, "before"),  # the file lies there, and is read by the next try
    (OBJECT, "after"),
    (STAGED, "before"),
]


@dataclass
class CloudCrash(Shop):
    """The same place, read by exports."""

    keys: str = ""

    def task(self, step: str) -> Task:
        found = super().task(step)
        return replace(found, text=found.text.replace("connection: shop_db\n", f"connection: shop_db\n{self.keys}"))


@pytest.fixture
def served(
    database: Database,
    google: GoogleServers,
    datasets: Datasets,
    bucket: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[CloudCrash, Instance]]:
    instance = Instance(database.dsn, google.storage.url)
    folder = tmp_path_factory.mktemp("crash")
    with CloudSqlServer(instance) as server:
        place = json.dumps({"instance": "shop", "database": database.dbname, "endpoint": server.url})
        keys = f"{' ' * 12}adapter: cloudsql\n{' ' * 12}cloudsql: {place}\n"
        shop = CloudCrash(
            database=database, google=google, datasets=datasets, bucket=bucket, folder=folder, ledger_kind="sqlite",
            keys=keys,
        )  # fmt: skip
        yield shop, instance
        shop.close()


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("write", "way"), CASES)
def test_a_plain_retry_goes_on_with_the_export_and_makes_none_twice(
    served: tuple[CloudCrash, Instance], write: int, way: str
) -> None:
    shop, instance = served
    assert shop.try_once(shop.broken("extract", write, way)) == -signal.SIGKILL
    shop.retried("extract")
    shop.retried("load")
    is_as_after_an_unbroken_run(shop)
    assert len(instance.exports) == 1
    [read] = [one for one in shop.reads() if one.state is State.APPLIED]
    assert [one.state for one in read.exports][-1] is EffectState.DONE
    assert len(read.exports) == (2 if (write, way) == (INTENDED, "after") else 1)
    assert len(shop.reads()) == (2 if (write, way) == (INTENDED, "before") else 1)
