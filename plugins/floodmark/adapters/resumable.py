"""One object of unknown length, written once, straight from memory: no object at all unless it was finished.

Google's own BlobWriter is not used, since it finalises whatever it holds when it is closed, by the garbage collector
too, and its ``terminate`` addresses the wrong URL; so an error in the middle would leave a truncated object.
The protocol is that of Cloud Storage's page "Perform resumable uploads"; a small object goes in one request.
"""

from __future__ import annotations

import contextlib
import io
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from floodmark.adapters.google_errors import TRANSIENT_STATUS, translated
from floodmark.errors import FatalError, StageUnavailable

if TYPE_CHECKING:
    from google.cloud.storage import Blob

CHUNK = 16 * 1024 * 1024
_TIMEOUT = (10, 120)
PATIENCE = 60.0
_RESUME, _FINISHED, _GONE = 308, (200, 201), (404, 410)


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What the service says of the object: ``crc32c`` is base64, ``bytes`` its size."""

    generation: int
    crc32c: str
    bytes: int


class Upload(io.RawIOBase):
    """A file to write to. Only :meth:`finish` makes an object of it; ``close``, as every file has it, does not."""

    def __init__(self, blob: Blob, *, content_type: str, chunk: int = CHUNK, patience: float = PATIENCE) -> None:
        """``chunk`` is a multiple of 256 KiB; ``patience`` (seconds) how long a failing request is repeated."""
        super().__init__()
        self._blob, self._content_type, self._chunk, self._patience = blob, content_type, chunk, patience
        self._what = f"gs://{blob.bucket.name}/{blob.name}"
        self._pending = bytearray()
        self._sent = 0
        self._session, self._abandoned = "", False
        self._checksum = _checksum()

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes; send what makes a whole chunk, and keep at least one byte for the last."""
        taken = memoryview(data).nbytes
        if self._abandoned:
            return taken
        self._pending += data
        while len(self._pending) > self._chunk:
            body = bytes(memoryview(self._pending)[: self._chunk])
            del self._pending[: self._chunk]
            self._begin()
            self._count(body)
            early = self._send(body, total=None)
            if early is not None:
                self._blob._set_properties(early)
                self._remove()
                raise StageUnavailable(f"{self._what}: the service ended the upload early; it is tried again later")
        return taken

    def finish(self) -> Finished:
        """Make the object. Raises ``StageUnavailable``, also where other bytes bear the name already."""
        if self._abandoned:
            raise ValueError(f"{self._what}: the upload was abandoned")
        body = bytes(self._pending)
        self._pending.clear()
        self._count(body)
        if self._session:
            self._finish_session(body)
        else:
            self._put_whole(body)
        return self._verified(self._sent + (0 if self._session else len(body)))

    def abandon(self) -> None:
        """Give the upload up. A session that can't be cancelled expires within a week, and was never an object."""
        session, self._session, self._abandoned = self._session, "", True
        self._pending.clear()
        if session:
            # Nothing more can be done where this fails, and the first error is the one to tell.
            with contextlib.suppress(Exception):
                self._transport.delete(session, timeout=_TIMEOUT)

    @property
    def _transport(self) -> Any:
        return self._blob.client._http  # the client's own session: its credentials and its proxies

    def _translated(self) -> Any:
        bucket = self._blob.bucket.name
        return translated(
            self._what,
            unavailable=StageUnavailable,
            remedies={
                403: f"grant roles/storage.objectUser on gs://{bucket} to Floodmark's account",
                404: f"create the bucket {bucket}, or mend stage: in the source's YAML",
            },
        )

    def _count(self, body: bytes) -> None:
        if self._checksum is not None:
            self._checksum.update(body)

    def _digest(self) -> str:
        import base64

        return "" if self._checksum is None else base64.b64encode(self._checksum.digest()).decode()

    def _begin(self) -> None:
        from google.api_core.exceptions import PreconditionFailed

        if self._session:
            return
        with self._translated():
            try:
                self._session = self._blob.create_resumable_upload_session(
                    content_type=self._content_type, if_generation_match=0, checksum=None
                )
            except PreconditionFailed as error:
                raise self._exists() from error

    def _put_whole(self, body: bytes) -> None:
        from google.api_core.exceptions import PreconditionFailed

        with self._translated():
            try:
                self._blob.upload_from_string(
                    body,
                    content_type=self._content_type,
                    if_generation_match=0,
                    checksum="md5" if self._checksum is None else "crc32c",
                )
            except PreconditionFailed as error:
                # A repeated request whose first answer was lost is refused by its own object.
                self._adopt(len(body), error)

    def _finish_session(self, body: bytes) -> None:
        finished = self._send(body, total=self._sent + len(body))
        if finished is None:
            raise StageUnavailable(f"{self._what}: all bytes were sent, but the service did not finish the object")
        self._blob._set_properties(finished)  # what upload_from_string does with the same answer

    def _send(self, body: bytes, *, total: int | None) -> dict[str, Any] | None:
        """Send bytes that begin at ``_sent``; the finished object's resource, or None while it is to be continued.

        After a failure it asks what has arrived and goes on from there, as the page says.
        """
        start, end = self._sent, self._sent + len(body)
        deadline, pause, ask = 0.0, 0.5, False
        while True:
            response = self._request(b"" if ask else body[self._sent - start :], total=total, ask=ask)
            status = response.status_code if response is not None else 0
            if status in _FINISHED:
                self._sent = end
                return dict(response.json())
            if status == _RESUME and self._advance(_persisted(response), start, end):
                if self._sent == end and total is None:
                    return None
                ask = self._sent == end
                continue
            self._check(response, final=total is not None, size=end)
            if status in _GONE:
                self._sent = end
                return dict(self._blob._properties)  # _check has found it finished
            deadline = deadline or time.monotonic() + self._patience
            if time.monotonic() + pause > deadline:
                raise StageUnavailable(f"{self._what}: no success within {self._patience:.0f} s; last status: {status}")
            time.sleep(pause)
            pause, ask = min(pause * 2, 8.0), not ask or status != _RESUME

    def _advance(self, arrived: int, start: int, end: int) -> bool:
        """Note how much has arrived; whether that is more than before."""
        if not start <= arrived <= end:
            raise StageUnavailable(f"{self._what}: the service holds {arrived} bytes, not {start} to {end}")
        moved, self._sent = arrived > self._sent, arrived
        return moved

    def _request(self, body: bytes, *, total: int | None, ask: bool) -> Any:
        """One PUT; None where no answer came. ``ask`` only asks how many bytes have arrived."""
        import requests
        from google.auth.exceptions import TransportError

        length = "*" if total is None else str(total)
        place = "*" if ask else f"{self._sent}-{self._sent + len(body) - 1}"
        headers = {"content-range": f"bytes {place}/{length}", "content-type": self._content_type}
        if total is not None and not ask and self._checksum is not None:
            headers["x-goog-hash"] = f"crc32c={self._digest()}"
        try:
            return self._transport.request("PUT", self._session, data=body, headers=headers, timeout=_TIMEOUT)
        except (requests.RequestException, TransportError):
            return None

    def _check(self, response: Any, *, final: bool, size: int) -> None:
        """Raise where repeating the request is of no use."""
        status = response.status_code if response is not None else 0
        if status in (0, _RESUME) or status in TRANSIENT_STATUS:
            return
        if status == 412:
            raise self._exists()
        if status in _GONE and final:
            self._adopt(size, None)
            return
        if status in _GONE:
            raise StageUnavailable(f"{self._what}: the upload's session is gone; it is tried again later")
        raise FatalError(f"{self._what}: the upload was refused with status {status}: {response.text[:200]}")

    def _adopt(self, size: int, cause: BaseException | None) -> None:
        """Take the object that stands there for ours if it has the very bytes that we sent."""
        from google.api_core.exceptions import NotFound

        with self._translated():
            try:
                self._blob.reload()
            except NotFound as error:
                raise StageUnavailable(
                    f"{self._what}: the upload's session is gone; it is tried again later"
                ) from error
        if not self._digest() or (self._blob.size, self._blob.crc32c) != (size, self._digest()):
            raise self._exists() from cause

    def _exists(self) -> StageUnavailable:
        return StageUnavailable(
            f"{self._what}: exists already, with other bytes: another try wrote it, and an object is written once; "
            "the next read bears another name"
        )

    def _verified(self, size: int) -> Finished:
        found = (int(self._blob.size or 0), self._blob.crc32c or "")
        wanted = (size, self._digest() or found[1])
        if found != wanted:
            self._remove()
            raise StageUnavailable(
                f"{self._what}: damaged on its way: sent {wanted}, arrived {found}; tried again later"
            )
        return Finished(generation=int(self._blob.generation or 0), crc32c=found[1], bytes=size)

    def _remove(self) -> None:
        from google.api_core.exceptions import NotFound

        with self._translated(), contextlib.suppress(NotFound):
            self._blob.delete(if_generation_match=self._blob.generation)


def _persisted(response: Any) -> int:
    """How many bytes the service has, from ``Range: bytes=0-N``; no such header means none."""
    last = response.headers.get("range", "").rpartition("-")[2]
    return int(last) + 1 if last.isdigit() else 0


def _checksum() -> Any:
    """A CRC32C to update; None where only the slow implementation is there."""
    import google_crc32c

    return google_crc32c.Checksum() if google_crc32c.implementation == "c" else None  # type: ignore[no-untyped-call]
