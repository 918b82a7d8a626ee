"""The pages in Airflow 3's API server. Airflow guards nothing of a mounted app: each place asks for the user's rights.

A module of FastAPI's keeps its annotations as they are: it reads them.
"""

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_dag
from airflow.models.dag import DagModel
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import HTMLResponse

from floodmark.airflow.web import answers, pages
from floodmark.airflow.web.answers import Answer, MayRead

READS_RUNS = [Depends(requires_access_dag("GET", DagAccessEntity.RUN))]
"""By the parameter ``dag_id``: 401 for nobody, 403 for who may not."""


def app() -> FastAPI:
    """To be mounted; it has no pages of documentation."""
    made = FastAPI(title="Floodmark", docs_url=None, redoc_url=None, openapi_url=None)
    made.get("/", response_class=HTMLResponse)(index)
    made.get("/dag/{dag_id}", response_class=HTMLResponse, dependencies=READS_RUNS)(of_dag)
    made.get("/dag/{dag_id}/run/{run_id:path}", response_class=HTMLResponse, dependencies=READS_RUNS)(of_run)
    return made


def index(user: GetUserDep) -> HTMLResponse:
    """The sources that the user may see."""
    return _html(answers.index(_may_read(user)))


def of_dag(dag_id: str, user: GetUserDep) -> HTMLResponse:
    """The tab of a DAG."""
    if not pages.dag_exists(dag_id):
        raise HTTPException(404, f"there is no DAG {dag_id}")
    return _html(answers.of_dag(dag_id, _may_read(user)))


def of_run(dag_id: str, run_id: str) -> HTMLResponse:
    """The tab of a run."""
    if not pages.run_exists(dag_id, run_id):
        raise HTTPException(404, f"{dag_id} has no run {run_id}")
    return _html(answers.of_run(dag_id, run_id))


def _may_read(user: GetUserDep) -> MayRead:
    def may_read(dag_id: str) -> bool:
        details = DagDetails(id=dag_id, team_name=DagModel.get_team_name(dag_id))
        return get_auth_manager().is_authorized_dag(
            method="GET", access_entity=DagAccessEntity.RUN, details=details, user=user
        )

    return may_read


def _html(answer: Answer) -> HTMLResponse:
    return HTMLResponse(answer.text, headers=answer.headers)
