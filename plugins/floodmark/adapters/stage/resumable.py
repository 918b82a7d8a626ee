"""One session of Cloud Storage's resumable upload, as its page "Perform resumable uploads" says.

Google's own BlobWriter is not used: it finalises whatever it holds when it is closed, by the garbage collector too, and
its ``terminate`` addresses the URL that begins a session instead of the session's own; so an error in the middle could
leave a truncated object.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

from floodmark.adapters.google_errors import TRANSIENT_REASONS, TRANSIENT_STATUS, first_line, of_bucket, reasons_in
from floodmark.errors import FatalError, StageUnavailable

if TYPE_CHECKING:
    from google.cloud.storage import Blob

PATIENCE = 60.0
_TIMEOUT = (10, 120)
_RESUME, _FINISHED, _GONE, _PRECONDITION = 308, (200, 201), (404, 410), 412
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_SHOWN = 300
"""Characters of what the service said."""


class SessionGone(Exception):
    """The service knows the session no more: it expired, or its object is finished."""


class Exists(Exception):
    """An object of that name exists already."""


class Session:
    """An upload under way. ``sent`` bytes have arrived. It becomes an object only by the last bytes of its total."""

    def __init__(self, blob: Blob, *, content_type: str, patience: float = PATIENCE) -> None:
        """Begin it. ``patience`` (seconds) is how long a failing request is repeated.

        Raises what Google's client raises.
        """
        self._what = f"gs://{blob.bucket.name}/{blob.name}"
        self._remedies = of_bucket(blob.bucket.name)
        self._transport: Any = blob.client._http  # the client's own: its credentials, its proxies
        self._content_type, self._patience = content_type, patience
        self._url: str = blob.create_resumable_upload_session(
            content_type=content_type, if_generation_match=0, checksum=None
        )
        self.sent = 0

    def send(self, body: bytes, *, total: int | None = None, crc32c: str = "") -> dict[str, Any] | None:
        """Send the next bytes; the object's resource if that finished it, else None.

        ``total`` is the object's size and comes with the last bytes, ``crc32c`` (base64) too: the service refuses what
        it doesn't fit. After a failure the service is asked what has arrived, and the rest is sent.
        Raises ``Exists``, ``SessionGone``, ``StageUnavailable``, ``FatalError``.
        """
        start, end = self.sent, self.sent + len(body)
        deadline, pause, ask = 0.0, _FIRST_PAUSE, False
        while True:
            response = self._put(b"" if ask else body[self.sent - start :], total=total, crc32c=crc32c, ask=ask)
            status = response.status_code if response is not None else 0
            if status in _FINISHED:
                self.sent = end
                return dict(response.json())
            if status == _RESUME and self._advance(_arrived(response), start, end):
                if self.sent == end and total is None:
                    return None
                ask = self.sent == end
                continue
            self._refuse(response, status)
            deadline = deadline or time.monotonic() + self._patience
            if time.monotonic() + pause > deadline:
                raise StageUnavailable(f"{self._what}: no success within {self._patience:.0f} s; last status: {status}")
            time.sleep(pause)
            pause, ask = min(pause * 2, _LONGEST_PAUSE), not ask or status != _RESUME

    def cancel(self) -> None:
        """Give it up. One that can't be cancelled expires within a week, and was never an object."""
        # Nothing more can be done where this fails, and the error that led here is the one to tell.
        with contextlib.suppress(Exception):
            self._transport.delete(self._url, timeout=_TIMEOUT)

    def _put(self, body: bytes, *, total: int | None, crc32c: str, ask: bool) -> Any:
        """One request; None where no answer came. ``ask`` only asks how much has arrived."""
        import requests
        from google.auth.exceptions import TransportError

        place = "*" if ask else f"{self.sent}-{self.sent + len(body) - 1}"
        headers = {"content-range": f"bytes {place}/{'*' if total is None else total}"}
        headers["content-type"] = self._content_type
        if crc32c and not ask:
            headers["x-goog-hash"] = f"crc32c={crc32c}"
        try:
            return self._transport.request("PUT", self._url, data=body, headers=headers, timeout=_TIMEOUT)
        except (requests.RequestException, TransportError):
            return None

    def _advance(self, arrived: int, start: int, end: int) -> bool:
        """Note how much has arrived; whether that is more than before."""
        if not start <= arrived <= end:
            raise StageUnavailable(f"{self._what}: the service holds {arrived} bytes, not {start} to {end}")
        moved, self.sent = arrived > self.sent, arrived
        return moved

    def _refuse(self, response: Any, status: int) -> None:
        """Raise where repeating the request is of no use."""
        if status in (0, _RESUME) or status in TRANSIENT_STATUS or TRANSIENT_REASONS & {*reasons_in(response.text)}:
            return
        if status == _PRECONDITION:
            raise Exists
        if status in _GONE:
            raise SessionGone
        said = f"{self._what}: the upload was refused with status {status}: {first_line(response.text)[:_SHOWN]}"
        remedy = self._remedies.get(status, "")
        raise FatalError(said + (f"; {remedy}" if remedy else ""))


def _arrived(response: Any) -> int:
    """How many bytes the service has, from ``Range: bytes=0-N``; no such header means none."""
    last = response.headers.get("range", "").rpartition("-")[2]
    return int(last) + 1 if last.isdigit() else 0
