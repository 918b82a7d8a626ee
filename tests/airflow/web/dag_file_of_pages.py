"""DAGs that keep a page of their source as a run's last task does, one that forges another's, and some that don't."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from airflow.providers.common.compat.sdk import DAG, BaseOperator


class Keep(BaseOperator):
    """What ``report`` does with its page."""

    def execute(self, context):
        from floodmark.airflow.kept_page import keep
        from floodmark.pipeline.page.page import page
        from floodmark.pipeline.report import Report
        from tests.pipeline.page.many import ZERO, shop
        from tests.pipeline.page.of_now import OF_NOW, shop_of_now

        source, shelf = shop()
        at = ZERO + timedelta(days=2, hours=3, minutes=12)
        shown = shop_of_now() if OF_NOW in os.environ else page(source, shelf.ledger, at)
        source = "stock" if self.dag_id == "forger" else self.dag_id
        shown = replace(shown, source=source, named=source)
        keep(context, Report(page=shown, uri=f"gs://bucket/_status/{source}.html", document={}))


for dag_id in ("shop", "stock", "shop__ops", "theirs", "forger"):
    with DAG(dag_id=dag_id, schedule=None, start_date=datetime(2026, 11, 1, tzinfo=UTC)) as dag:
        Keep(task_id="report")
    globals()[dag_id] = dag
