"""A process of its own that stages rows batch by batch, and waits to be killed before the last one."""

from __future__ import annotations

import sys
import time

from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from floodmark.adapters.stage.gcs import GcsStage
from tests.adapters.rows import Staged, noise

url, bucket, name = sys.argv[1:]
client = storage.Client(project="proj", credentials=AnonymousCredentials(), client_options={"api_endpoint": url})


def wait(number: int) -> None:
    """Before the last batch, say so and hang."""
    if number == 7:
        print("ready", flush=True)
        time.sleep(600)


stage = GcsStage(client, bucket, chunk=256 * 1024, row_group=256 * 1024)
stage.write(name, Staged([noise(5000, seed) for seed in range(8)], between=wait))
