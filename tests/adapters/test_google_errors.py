"""Google's refusals as ours: what the service said, its remedy, and whether another attempt may help."""

from __future__ import annotations

import json

import pytest
from google.api_core.exceptions import GoogleAPICallError, from_http_status

from floodmark.adapters.google_errors import BIGQUERY, brief, first_line, of_bucket, reasons_in, translated
from floodmark.errors import FatalError, FloodmarkError, StageUnavailable

URL = "POST https://storage.googleapis.com/upload/storage/v1/b/b/o?uploadType=resumable: "


def document(status: int, reason: str, message: str) -> str:
    errors = [{"message": message, "domain": "global", "reason": reason}]
    return json.dumps({"error": {"code": status, "message": message, "errors": errors}}, indent=2)


def uploading(status: int, reason: str, message: str) -> GoogleAPICallError:
    """As the client of Cloud Storage raises what refuses an upload: the service's text, and no reasons beside it."""
    error = from_http_status(status, f"{URL}{document(status, reason, message)}: ('Request failed', {status})")
    assert isinstance(error, GoogleAPICallError)
    assert not error.errors
    return error


def raised(error: Exception) -> FloodmarkError:
    with (
        pytest.raises(FloodmarkError) as caught,
        translated("x", unavailable=StageUnavailable, remedies=of_bucket("b")),
    ):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("status", "reason", "kind", "remedy"),
    [
        (403, "forbidden", FatalError, "; grant roles/storage.objectUser on gs://b to Floodmark's account"),
        (401, "required", FatalError, "; renew the key of the Airflow connection, or give the machine another"),
        (403, "accountDisabled", FatalError, "; link the project to a billing account that is active"),
        (403, "UserProjectAccountProblem", FatalError, "; link the project to a billing account that is active"),
        (404, "notFound", FatalError, "; create the bucket b, or mend stage: in the source's YAML"),
        (403, "quotaExceeded", StageUnavailable, "; it is tried again later"),
        (403, "rateLimitExceeded", StageUnavailable, "; it is tried again later"),
        (429, "rateLimitExceeded", StageUnavailable, "; it is tried again later"),
        (412, "conditionNotMet", FatalError, ""),
    ],
)
def test_what_an_upload_is_refused_for_is_read_from_the_services_own_text(
    status: int, reason: str, kind: type[FloodmarkError], remedy: str
) -> None:
    found = raised(uploading(status, reason, "No 'storage.objects.create' access."))
    assert type(found) is kind
    assert str(found).startswith(f"x: No 'storage.objects.create' access.{remedy}")


def test_credentials_that_bigquery_does_not_take_have_a_remedy() -> None:
    assert "renew the key" in BIGQUERY[401]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{URL}Access denied.\nwith more", "Access denied."),
        ("Syntax error at [1:2]\n\n(job ID: x)\nSELECT 1", "Syntax error at [1:2]"),
        ('{"error": {"code": 403, "message": "first\\nsecond"}}', "first"),
        ('{"error": "invalid_grant"}', '{"error": "invalid_grant"}'),
        ('{"error": {broken', '{"error": {broken'),
        ("see https://cloud.google.com/x: done", "see https://cloud.google.com/x: done"),
        ("", ""),
    ],
)
def test_of_what_was_said_the_first_line_is_told_without_the_request(text: str, line: str) -> None:
    assert first_line(text) == line


def test_an_error_without_words_is_told_by_its_kind() -> None:
    assert brief(ConnectionResetError()) == "ConnectionResetError"


def test_reasons_are_none_where_nobody_wrote_them() -> None:
    assert reasons_in("no JSON") == reasons_in('{"error": {"errors": ["odd", null]}}') == []
