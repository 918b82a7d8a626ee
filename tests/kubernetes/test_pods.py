"""``executor_config``: a pod as Kubernetes writes it, made by its own models, and refused where those would drop it."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

import pytest
from airflow.providers.cncf.kubernetes.pod_generator import PodGenerator
from airflow.serialization.serialized_objects import BaseSerialization
from kubernetes.client import models

from floodmark.adapters import pods
from floodmark.airflow import dags
from floodmark.errors import ConfigurationError

LARGE = {
    "spec": {
        "nodeSelector": {"pool": "large"},
        "serviceAccountName": "floodmark",
        "terminationGracePeriodSeconds": 60,
        "containers": [
            {"name": "base", "resources": {"limits": {"memory": "1Gi"}}, "env": [{"name": "A", "value": "b"}]}
        ],
    }
}
SMALL = {"metadata": {"labels": {"team": "data"}}, "spec": {"containers": [{"name": "base", "tty": False}]}}
WORKER = models.V1Pod(
    metadata=models.V1ObjectMeta(labels={"tier": "airflow"}),
    spec=models.V1PodSpec(
        containers=[models.V1Container(name="base", image="airflow:3", env=[models.V1EnvVar(name="X", value="y")])]
    ),
)


def placed(dag: Any) -> dict[str, Any]:
    """The pods of a DAG's tasks."""
    return {task.task_id: (task.executor_config or {}).get("pod_override") for task in dag.tasks}


@pytest.fixture
def shop(write):
    tables: dict[str, Any] = {"orders": {"executor_config": {"pod_override": LARGE}}, "items": None}
    return dags(str(write(tables=tables, defaults={"executor_config": {"pod_override": SMALL}})))["shop"]


def test_the_pods_of_tasks_are_kubernetes_own_by_source_and_table(shop):
    by_task = placed(shop)
    assert {type(pod) for pod in by_task.values()} == {models.V1Pod}
    orders = by_task["orders.load"]
    assert (orders.spec.node_selector, orders.spec.termination_grace_period_seconds) == ({"pool": "large"}, 60)
    assert orders.spec.containers[0].resources.limits == {"memory": "1Gi"}
    for other in ("gate", "report", "items.extract", "items.load"):
        assert by_task[other].metadata.labels == {"team": "data"}, other


def test_airflows_own_generator_lays_it_over_the_workers_pod(shop):
    override = PodGenerator.from_obj(shop.get_task("orders.extract").executor_config)
    pod = PodGenerator.reconcile_pods(WORKER, override)
    (base,) = pod.spec.containers
    assert (base.image, base.resources.limits) == ("airflow:3", {"memory": "1Gi"})
    assert [one.name for one in base.env] == ["X", "A"]
    assert (pod.spec.service_account_name, pod.metadata.labels) == ("floodmark", {"tier": "airflow"})


def test_a_pod_without_containers_leaves_the_workers_as_they_are():
    pod = PodGenerator.reconcile_pods(WORKER, pods.pod({"spec": {"nodeSelector": {"pool": "large"}}}))
    assert [one.name for one in pod.spec.containers] == ["base"]
    assert pod.spec.node_selector == {"pool": "large"}


def test_it_goes_through_airflows_database_and_between_its_processes(shop):
    for task in shop.tasks:
        config = task.executor_config
        assert BaseSerialization.deserialize(BaseSerialization.serialize(config)) == config
        assert pickle.loads(pickle.dumps(config)) == config


@pytest.mark.slow
def test_without_it_nothing_of_kubernetes_is_imported(write, python):
    code = (
        "import sys, json; from floodmark.airflow import dags; dag = dags(sys.argv[1])['shop']\n"
        "configs = [bool(task.executor_config) for task in dag.tasks]\n"
        "print('ANSWER', json.dumps([any(configs), 'kubernetes.client' in sys.modules]))"
    )
    assert python(code, write()) == [False, False]


def test_tables_share_a_task_in_one_pod_only(write):
    tables: dict[str, Any] = {
        f"t{number}": {"executor_config": {"pod_override": deepcopy(LARGE)}} if number % 2 else None
        for number in range(4)
    }
    dag = dags(str(write(tables=tables, batch=True)))["shop"]
    pods_of = {task.tables: bool(task.executor_config) for task in dag.tasks if task.task_id.endswith("sync")}
    assert pods_of == {("t0", "t2"): False, ("t1", "t3"): True}


WRONG = """\
version: 1
source: shop
connection: shop_db
stage: gs://a-bucket/floodmark
bigquery: {project: proj-x, location: EU, dataset: shop}
start: 2026-11-02
defaults:
  executor_config: {pod_override: {spec: {terminationGracePeriodSeconds: soon}}}
tables:
  items:
  pages:
  orders:
    executor_config:
      pod_override:
        metadata: {labels: [team]}
        spec:
          nodeSelecter: {pool: large}
          hostNetwork: "false"
          containers:
            - name: base
              env: [{value: b}]
              resources: {limits: {memory: true}}
"""


def test_what_kubernetes_would_drop_or_refuse_is_refused_with_its_line(write):
    with pytest.raises(ConfigurationError) as raised:
        dags(str(write(text=WRONG)))
    at, text = "tables.orders.executor_config.pod_override", "a word such as true is a text only in quotes"
    base = f"{at}.spec.containers[0]"
    assert sorted(str(raised.value).splitlines()) == [
        f"shop.yml:15: {at}.metadata.labels: is not a mapping; write it as Kubernetes has it",
        f'shop.yml:17: {at}.spec.nodeSelecter: unknown key; did you mean "nodeSelector"?',
        f"shop.yml:18: {at}.spec.hostNetwork: is no true or false; write true or false, without quotes",
        f"shop.yml:21: {base}.env[0]: has no name; write it: Kubernetes takes none without",
        f"shop.yml:22: {base}.resources.limits.memory: is no text; {text}",
        "shop.yml:8: defaults.executor_config.pod_override.spec.terminationGracePeriodSeconds: is no whole number; "
        "write digits only",
    ]


@pytest.mark.parametrize(
    ("pod", "said"),
    [
        ({"metadata": {"creationTimestamp": "yesterday"}}, "is no moment"),
        ({"spec": {"activeDeadlineSeconds": "²"}}, "is no whole number"),
    ],
)
def test_what_the_clients_own_reader_would_break_off_at_is_refused(pod, said):
    assert [message for _, message, _ in pods.wrong(pod)] == [said]


def test_without_the_package_the_source_is_broken_and_says_what_to_install(write, monkeypatch):
    monkeypatch.setattr(pods, "installed", lambda: False)
    file = write("b.yml", tables={"orders": {"executor_config": {"pod_override": LARGE}}})
    write("a.yml", source="other")
    made = dags(str(file))
    assert {"other", "b__broken"} <= set(made)
    said = (
        'tables.orders.executor_config: needs the Python package kubernetes, which is not installed here; pip install "'
    )
    assert said + 'floodmark[kubernetes]"' in made["b__broken"].doc_md
