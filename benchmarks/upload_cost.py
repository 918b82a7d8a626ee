"""What sending a staged object costs this process: CPU seconds per 100 MB, beside the client library's own upload.

    python benchmarks/upload_cost.py               # 200 MB, three times each, in turn
    python benchmarks/upload_cost.py --most 0.3    # end with 1 where ours takes more CPU seconds per 100 MB

The server runs on this machine, in a process of its own, whose CPU isn't counted; TLS, which the real service has, is
not among it. Both send the same bytes in the same pieces as a Parquet file has them; the best of the tries counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve()
sys.path.insert(0, str(HERE.parent.parent / "plugins"))

MEGABYTE = 1_000_000
PIECE = 300_000
"""About what a column of a row group comes to."""


def ours(blob: Any, pieces: list[bytes]) -> None:
    """As a read's file is sent: piece by piece, as it is made."""
    from floodmark.adapters.stage.upload import Upload

    upload = Upload(blob, content_type="application/octet-stream")
    for piece in pieces:
        upload.write(piece)
    upload.finish()


def library(blob: Any, pieces: list[bytes]) -> None:
    """All of it at once, from memory."""
    blob.upload_from_string(b"".join(pieces), content_type="application/octet-stream", checksum="crc32c")


def seconds(send: Callable[[Any, list[bytes]], None], blob: Any, pieces: list[bytes]) -> tuple[float, float]:
    """Wall and CPU of this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    send(blob, pieces)
    return time.perf_counter() - wall, time.process_time() - cpu


def main() -> int:
    """Measure and print; 1 where a bound is passed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--most", type=float, default=0.0, help="CPU seconds per 100 MB allowed; 0: any")
    asked = parser.parse_args()
    from floodmark.demo.servers.all import google_servers

    pieces = [os.urandom(PIECE) for _ in range(asked.megabytes * MEGABYTE // PIECE)]
    hundreds = len(pieces) * PIECE / (100 * MEGABYTE)
    found: dict[str, list[tuple[float, float]]] = {"ours": [], "library": []}
    with tempfile.TemporaryDirectory(prefix="floodmark-") as name, google_servers(folder=Path(name)) as google:
        bucket = google.storage_client().create_bucket("uploads")
        for number in range(asked.tries):
            for way in (ours, library):
                blob = bucket.blob(f"{way.__name__}-{number}")
                found[way.__name__].append(seconds(way, blob, pieces))
                blob.delete()
    print("per 100 MB  wall s   CPU s")
    least: dict[str, float] = {}
    for name, tries in found.items():
        wall, least[name] = (min(column) / hundreds for column in zip(*tries, strict=True))
        print(f"{name:>10}  {wall:6.2f}  {least[name]:6.2f}")
    if asked.most and least["ours"] > asked.most:
        print(f"an upload takes {least['ours']:.2f} CPU seconds per 100 MB, more than {asked.most}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
