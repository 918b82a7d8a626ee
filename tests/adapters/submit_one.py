"""A process of its own that submits one job, given as JSON on standard input, and prints what became of it."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from floodmark.adapters.bigquery.warehouse import BigQueryWarehouse
from floodmark.core.ports import Job

print("ready", flush=True)
given = json.load(sys.stdin)
client = bigquery.Client(
    project=given["project"], credentials=AnonymousCredentials(), client_options={"api_endpoint": given["url"]}
)
warehouse = BigQueryWarehouse(client, "EU")
job = Job(**given["job"])
warehouse.submit(job)
result = warehouse.wait(job, timedelta(minutes=1))
print(json.dumps({"error": result.error, **result.statistics}))
