"""An Airflow's tables, users and runs, by its own commands in one process: ``python -m tests.airflow.web.prepare``."""

from __future__ import annotations

import sys

from airflow.cli import cli_parser


def airflow(*words: str) -> None:
    """``airflow ...``, without another process."""
    args = cli_parser.get_parser().parse_args(words)
    args.func(args)


def main(at: str, *dag_ids: str) -> None:
    """Tables, DAGs, and a run of each of these."""
    airflow("db", "migrate")
    airflow("dags", "reserialize")
    for dag_id in dag_ids:
        airflow("dags", "test", dag_id, at)


if __name__ == "__main__":
    main(*sys.argv[1:])
