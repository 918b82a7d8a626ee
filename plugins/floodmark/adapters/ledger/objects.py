"""Small objects under one prefix of a bucket, read and written whole, each write on a condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from floodmark.errors import LedgerUnavailable, LedgerUnusable

_TIMEOUT = 30


class GenerationMoved(Exception):
    """The object is not at the generation that a write asked for."""


class Objects:
    """Objects named relative to ``gs://bucket/prefix``. Google's modules are imported with the first use.

    Raises ``LedgerUnavailable`` where a retry may help, ``LedgerUnusable`` where it doesn't.
    """

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._bucket = client.bucket(bucket)
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._found = False

    def __str__(self) -> str:
        """Where they lie."""
        return f"gs://{self._bucket.name}/{self._prefix}".rstrip("/")

    def read(self, name: str) -> tuple[bytes | None, int]:
        """An object and its generation; None and 0 where there is none."""
        from google.api_core.exceptions import NotFound

        with self._meaning(name):
            try:
                blob: Any = self._bucket.blob(self._prefix + name)
                content: bytes = blob.download_as_bytes(timeout=_TIMEOUT)
                return (content, int(blob.generation)) if blob.generation else self._again(blob)
            except NotFound:
                self._require_bucket()
                return None, 0

    def _again(self, blob: Any) -> tuple[bytes, int]:
        """The same for a client that doesn't keep the generation from the answer's headers: ask for it first."""
        blob.reload(timeout=_TIMEOUT)
        generation = int(blob.generation)
        return blob.download_as_bytes(timeout=_TIMEOUT, if_generation_match=generation), generation

    def _require_bucket(self) -> None:
        """Raise ``NotFound`` where the bucket itself is missing: a 404 doesn't say which. Listing tells it apart, and
        needs no more privilege than the ledger does, unlike storage.buckets.get."""
        if not self._found:
            list(self._bucket.client.list_blobs(self._bucket, prefix=self._prefix, max_results=1, timeout=_TIMEOUT))
            self._found = True

    def write(self, name: str, body: bytes, *, generation: int) -> int:
        """Replace the object if it is at ``generation`` (0: if there is none); its new generation.

        Raises ``GenerationMoved``, also where an earlier try of this very write has gone through and its answer was
        lost.
        """
        from google.api_core.exceptions import PreconditionFailed

        with self._meaning(name):
            blob = self._bucket.blob(self._prefix + name)
            blob.cache_control = "no-store"
            try:
                blob.upload_from_string(
                    body, content_type="application/json", if_generation_match=generation, timeout=_TIMEOUT
                )
            except PreconditionFailed:
                raise GenerationMoved(name) from None
            return int(blob.generation)

    def names(self, folder: str) -> Sequence[str]:
        """The names of the objects in a folder, without it."""
        start = self._prefix + folder
        with self._meaning(folder):
            blobs = self._bucket.client.list_blobs(
                self._bucket, prefix=start, fields="items(name),nextPageToken", timeout=_TIMEOUT
            )
            return [blob.name.removeprefix(start) for blob in blobs]

    @contextmanager
    def _meaning(self, name: str) -> Iterator[None]:
        """Google's errors as ours."""
        from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, RetryError, Unauthorized
        from google.auth.exceptions import GoogleAuthError
        from requests.exceptions import RequestException

        where = f"ledger {self}: {name}"
        try:
            yield
        except NotFound:
            raise LedgerUnusable(f"{where}: there is no such bucket; make it, or name another") from None
        except (Forbidden, Unauthorized) as error:
            raise LedgerUnusable(
                f"{where}: {error.message}; grant roles/storage.objectUser on the bucket to the account"
            ) from error
        except (GoogleAPICallError, RetryError, GoogleAuthError, RequestException, ConnectionError) as error:
            raise LedgerUnavailable(f"{where}: {error}; check that Cloud Storage can be reached from here") from error
