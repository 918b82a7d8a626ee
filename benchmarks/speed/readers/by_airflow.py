"""Airflow's ``PostgresToGCSOperator``: all that ``execute`` does, but for the upload. The argument is the format.

Everybody else here writes to a file of this machine, and so does it; what it would send is flushed and counted.
"""

import os
from pathlib import Path

from airflow.providers.google.cloud.transfers.postgres_to_gcs import PostgresToGCSOperator
from slice_query import query


class WithoutUpload(PostgresToGCSOperator):
    """The operator, with files that stay here."""

    def _upload_to_gcs(self, file_to_upload: dict) -> None:
        """The file is whole: it gets a second name, since the first is gone once it is closed."""
        os.link(file_to_upload["file_handle"].name, self.bucket + "/" + file_to_upload["file_name"])


def read(argument: str, dsn: str, table: str, folder: Path) -> int:
    """With a cursor of the server's, for otherwise all rows stand in memory."""
    os.environ["AIRFLOW_CONN_SOURCE"] = dsn.replace("postgresql:", "postgres:", 1)
    operator = WithoutUpload(
        task_id="read",
        postgres_conn_id="source",
        sql=query(table),
        bucket=str(folder),
        filename="rows-{}",
        export_format=argument,
        use_server_side_cursor=True,
    )
    return operator.execute({})["total_row_count"]
