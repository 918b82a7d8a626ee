"""One object of unknown length, written once, straight from memory: no object at all unless it was finished."""

from __future__ import annotations

import base64
import contextlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from floodmark.adapters.google_errors import of_bucket, translated
from floodmark.adapters.stage.resumable import PATIENCE, Exists, Session, SessionGone
from floodmark.errors import StageUnavailable

if TYPE_CHECKING:
    from google.cloud.storage import Blob

CHUNK = 16 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What the service says of the object: ``crc32c`` is base64, ``bytes`` its size."""

    generation: int
    crc32c: str
    bytes: int


class Upload(io.RawIOBase):
    """A file to write to. Only :meth:`finish` makes an object of it; ``close``, as every file has it, does not.

    What fits in one chunk goes in one request, the rest by a resumable session. Either way an object that exists
    already is left as it is (generation match 0).
    """

    def __init__(self, blob: Blob, *, content_type: str, chunk: int = CHUNK, patience: float = PATIENCE) -> None:
        """``chunk`` is a multiple of 256 KiB; ``patience`` (seconds) how long a failing request is repeated."""
        super().__init__()
        self._blob, self._content_type, self._chunk, self._patience = blob, content_type, chunk, patience
        self._what = f"gs://{blob.bucket.name}/{blob.name}"
        self._pending = bytearray()
        self._bytes = 0
        self._session: Session | None = None
        self._abandoned = False
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
            self._count(body)
            self._send(body)
        return taken

    def finish(self) -> Finished:
        """Make the object. Raises ``StageUnavailable``, also where other bytes bear the name already."""
        if self._abandoned:
            raise ValueError(f"{self._what}: the upload was abandoned")
        body = bytes(self._pending)
        self._pending.clear()
        self._count(body)
        with self._translated():
            try:
                self._finish_session(body) if self._session else self._put_whole(body)
            except (Exists, SessionGone) as error:
                # A request whose first answer was lost is refused because of its own object.
                self._adopt(error)
        return self._verified()

    def abandon(self) -> None:
        """Give the upload up: no object comes of it."""
        self._abandoned = True
        self._pending.clear()
        if self._session:
            self._session.cancel()

    def _send(self, body: bytes) -> None:
        from google.api_core.exceptions import PreconditionFailed

        with self._translated():
            try:
                self._session = self._session or Session(
                    self._blob, content_type=self._content_type, patience=self._patience
                )
                early = self._session.send(body)
            except (Exists, PreconditionFailed) as error:
                raise self._exists() from error
            except SessionGone as error:
                raise self._gone() from error
        if early is not None:
            self._blob._set_properties(early)
            self._remove()
            raise StageUnavailable(f"{self._what}: the service ended the upload early; it is tried again later")

    def _put_whole(self, body: bytes) -> None:
        from google.api_core.exceptions import PreconditionFailed

        try:
            self._blob.upload_from_string(
                body,
                content_type=self._content_type,
                if_generation_match=0,
                checksum="md5" if self._checksum is None else "crc32c",
            )
        except PreconditionFailed as error:
            raise Exists from error

    def _finish_session(self, body: bytes) -> None:
        assert self._session is not None
        resource = self._session.send(body, total=self._bytes, crc32c=self._digest())
        if resource is None:
            raise StageUnavailable(f"{self._what}: all bytes were sent, but the service did not finish the object")
        self._blob._set_properties(resource)  # as upload_from_string does with the same answer

    def _adopt(self, cause: Exception) -> None:
        """Take the object that stands there for ours if it has the very bytes that we sent."""
        from google.api_core.exceptions import NotFound

        try:
            self._blob.reload()
        except NotFound as error:
            raise self._gone() from error
        if not self._digest() or (self._blob.size, self._blob.crc32c) != (self._bytes, self._digest()):
            raise self._exists() from cause

    def _verified(self) -> Finished:
        found = (int(self._blob.size or 0), self._blob.crc32c or "")
        wanted = (self._bytes, self._digest() or found[1])
        if found != wanted:
            self._remove()
            raise StageUnavailable(
                f"{self._what}: damaged on its way: sent {wanted}, arrived {found}; tried again later"
            )
        return Finished(generation=int(self._blob.generation or 0), crc32c=found[1], bytes=self._bytes)

    def _remove(self) -> None:
        from google.api_core.exceptions import NotFound

        with self._translated(), contextlib.suppress(NotFound):
            self._blob.delete(if_generation_match=self._blob.generation)

    def _count(self, body: bytes) -> None:
        self._bytes += len(body)
        if self._checksum is not None:
            self._checksum.update(body)

    def _digest(self) -> str:
        return "" if self._checksum is None else base64.b64encode(self._checksum.digest()).decode()

    def _translated(self) -> Any:
        remedies = of_bucket(self._blob.bucket.name)
        return translated(self._what, unavailable=StageUnavailable, remedies=remedies)

    def _exists(self) -> StageUnavailable:
        return StageUnavailable(
            f"{self._what}: exists already, with other bytes: another try wrote it, and an object is written once; "
            "the next read bears another name"
        )

    def _gone(self) -> StageUnavailable:
        return StageUnavailable(f"{self._what}: the upload's session is gone; it is tried again later")


def _checksum() -> Any:
    """A CRC32C to update; None where only the slow implementation is there."""
    import google_crc32c

    return google_crc32c.Checksum() if google_crc32c.implementation == "c" else None  # type: ignore[no-untyped-call]
