"""What Cloud SQL's refusals mean, and what mends each: its pages "Admin API error messages", "Roles and permissions".

Airflow's own operators leave it at the status; here the reason decides whether a retry helps.
"""

from __future__ import annotations

from floodmark.adapters.cloudsql.api import Answered, Place, unavailable
from floodmark.errors import ConfigurationError, FloodmarkError, Problem, SourceRefused

BUSY = "operationInProgress"
_LATER = (408, 409, 429)
_RATE = ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded")
_REMEDIES = {
    "errorReadReplicaInvalidOperation": "an export of CSV can't be had from a read replica: name the primary as "
    "cloudsql: instance",
    "errorExportCsvSelectQuerySizeExceedLimit": "carry fewer columns, or read a view with short names of columns",
    "errorGcsBucketPermissionDenial": "grant roles/storage.objectAdmin on the stage's bucket to the instance's own "
    "service account (gcloud sql instances describe shows serviceAccountEmailAddress)",
    "instanceDoesNotExist": "mend cloudsql: project and instance",
    "credentials": "give the Airflow connection credentials, or the machine a service account",
}
_GRANT = "grant roles/cloudsql.editor (cloudsql.instances.get and .export) to the account of the connection"
_DATA_API = (
    "gcloud sql instances patch {instance} --data-api-access=ALLOW_DATA_API, make the connection's account an IAM user "
    "of the database (gcloud sql users create), grant it roles/cloudsql.instanceUser, and in the database "
    "pg_read_all_stats, pg_read_all_data"
)


def refused(place: Place, doing: str, error: Answered) -> FloodmarkError:
    """The error to raise where the API said no."""
    if error.status in _LATER or error.reason in _RATE:
        return unavailable(place, doing, error)
    if error.reason == "credentials":
        remedy = _REMEDIES["credentials"]
        return ConfigurationError([Problem(file="connection", path="", message=f"{doing}: {error}", remedy=remedy)])
    remedy = _REMEDIES.get(error.reason) or (_GRANT if error.status in (401, 403) else "see the message")
    return SourceRefused(f"{doing}: {place}: {error}; {remedy}")


def is_forbidden(error: Answered) -> bool:
    """Whether executeSql itself is what isn't allowed, so that an export may ask instead."""
    return error.status in (400, 401, 403) and error.reason not in (*_RATE, *_REMEDIES)


def refused_question(place: Place, doing: str, error: Answered) -> FloodmarkError:
    """The same of executeSql, which has conditions of its own."""
    if error.status in _LATER or error.reason in _RATE:
        return unavailable(place, doing, error)
    remedy = _REMEDIES.get(error.reason) or _DATA_API.format(instance=place.instance)
    return SourceRefused(f"{doing}: {place}: executeSql: {error}; {remedy}")
