"""The pages in Airflow 2's web server, by its own users and roles."""

from __future__ import annotations

from airflow.auth.managers.models.resource_details import DagAccessEntity, DagDetails  # type: ignore[import-not-found]
from airflow.www.extensions.init_auth_manager import get_auth_manager  # type: ignore[import-not-found]
from flask import Response, abort, redirect, request  # type: ignore[import-not-found]
from flask_appbuilder import BaseView, expose  # type: ignore[import-not-found]

from floodmark.airflow.web import answers, pages
from floodmark.airflow.web.answers import Answer


class FloodmarkView(BaseView):  # type: ignore[misc]
    """Who isn't logged in is led to where one logs in; who may not read a DAG's runs is refused."""

    route_base = "/floodmark"
    default_view = "index"

    @expose("/")  # type: ignore[untyped-decorator]
    def index(self) -> Response:
        """The sources that the user may see."""
        return _of_user() or _html(answers.index(_may_read))

    @expose("/dag/<string:dag_id>")  # type: ignore[untyped-decorator]
    def of_dag(self, dag_id: str) -> Response:
        """The newest page of a DAG's source."""
        if (elsewhere := _of_user(dag_id)) is not None:
            return elsewhere
        if not pages.dag_exists(dag_id):
            abort(404)
        return _html(answers.of_dag(dag_id, _may_read))

    @expose("/dag/<string:dag_id>/run/<path:run_id>")  # type: ignore[untyped-decorator]
    def of_run(self, dag_id: str, run_id: str) -> Response:
        """The page as of a run."""
        if (elsewhere := _of_user(dag_id)) is not None:
            return elsewhere
        if not pages.run_exists(dag_id, run_id):
            abort(404)
        return _html(answers.of_run(dag_id, run_id))


def view() -> FloodmarkView:
    """To be added to the menu."""
    return FloodmarkView()


def _of_user(dag_id: str | None = None) -> Response | None:
    """Where to log in, for nobody; a refusal for who may not; None for who may."""
    if not get_auth_manager().is_logged_in():
        return redirect(get_auth_manager().get_url_login(next_url=request.url))
    if dag_id is not None and not _may_read(dag_id):
        abort(403)
    return None


def _may_read(dag_id: str) -> bool:
    allowed: bool = get_auth_manager().is_authorized_dag(
        method="GET", access_entity=DagAccessEntity.RUN, details=DagDetails(id=dag_id)
    )
    return allowed


def _html(answer: Answer) -> Response:
    return Response(answer.text, headers=answer.headers, mimetype="text/html")
