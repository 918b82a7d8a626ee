"""What Cloud SQL refuses of a request before an operation begins, and how it says so.

Its page "Export and import using CSV files" (docs.cloud.google.com/sql/docs/postgres/import-export/import-export-csv)
and "Admin API error messages". Where no page tells, this server is the stricter one: a query of one line, that begins
with SELECT and has no comment, no semicolon and no common table expression.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot.errors import SqlglotError

_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_CHARACTERS = ("escapeCharacter", "quoteCharacter", "fieldsTerminatedBy")


class RequestRefused(Exception):
    """An error as the API writes it: ``body`` goes with the HTTP ``status``."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        told = {"message": message, "domain": "global", "reason": reason}
        self.body: dict[str, Any] = {"error": {"code": status, "message": message, "errors": [told]}}


def exported(context: Mapping[str, Any], *, query_limit: int) -> str:
    """The query of a lawful ``exportContext``. Raises ``RequestRefused``."""
    options = context.get("csvExportOptions") or {}
    if context.get("fileType") != "CSV":
        raise RequestRefused(400, "errorExportUnknownFileType", "The export file type is unknown.")
    if len(context.get("databases") or ()) != 1:
        raise RequestRefused(400, "errorExportCsvDatabaseCount", "Exactly one database when exporting a CSV file.")
    if not re.fullmatch(r"gs://[^/]+/.+", str(context.get("uri", ""))):
        raise RequestRefused(400, "invalidRequest", "Invalid uri.")
    for key in _CHARACTERS:
        if key in options and not _HEX.fullmatch(options[key]):
            raise RequestRefused(400, "invalidRequest", f"{key}: a character in hex ASCII code.")
    query = str(options.get("selectQuery") or "")
    if len(query.encode()) > query_limit:
        raise RequestRefused(400, "errorExportCsvSelectQuerySizeExceedLimit", "The query exceeds the size limit.")
    if why := _unlawful(query):
        raise RequestRefused(400, "invalidRequest", f"The query must be one SELECT statement: {why}.")
    return query


def _unlawful(query: str) -> str:
    """What of a query is refused; empty for a lawful one."""
    if not query.startswith("SELECT ") or "\n" in query or "\r" in query:
        return "it does not begin with SELECT, or has several lines"
    try:
        tokens = sqlglot.tokenize(query, read="postgres")
    except SqlglotError:
        return "it can't be read"
    if any(token.comments for token in tokens):
        return "it has a comment"
    words = [token.text.upper() for token in tokens if token.token_type.name not in ("STRING", "IDENTIFIER")]
    follows = zip(words, [*words[1:], ""], strict=True)
    unlawful = {
        "it has a semicolon": ";" in words,
        "it names no table": "FROM" not in words,
        "it has a common table expression": any(
            word == "WITH" and then not in ("ORDINALITY", "TIME") for word, then in follows
        ),
    }
    return next((why for why, is_so in unlawful.items() if is_so), "")
