"""DAGs that keep a page of their source as a run's last task does, one that forges another's, and some that don't."""

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

        source, shelf = shop()
        shown = page(source, shelf.ledger, ZERO + timedelta(days=2, hours=3, minutes=12))
        source = "stock" if self.dag_id == "forger" else self.dag_id
        shown = replace(shown, source=source, named=source)
        keep(context, Report(page=shown, uri=f"gs://bucket/_status/{source}.html", document={}))


for dag_id in ("shop", "stock", "shop__ops", "theirs", "forger"):
    with DAG(dag_id=dag_id, schedule=None, start_date=datetime(2026, 11, 1, tzinfo=UTC)) as dag:
        Keep(task_id="report")
    globals()[dag_id] = dag
