"""A gate before the local BigQuery server, as strict as the real service is documented to be.

It stands inside the server's process (``bigquery_launcher.py`` puts it there), so that tests, demo and Airflow's tasks
pass through it by the server's address. A statement is analyzed by Google's own code against the tables as they stand
before it runs; what is refused is refused with BigQuery's error (``invalidQuery``, 400).

Each query job says its bytes: ``totalBytesProcessed`` and ``totalBytesBilled`` (a dry run only the former), and
``maximumBytesBilled`` stops it; ``billing.py`` says by which model.

| file | what |
| --- | --- |
| wasm, features, catalog, analyzer | Google's analyzer (PyPI ``zetasql``), and the language that BigQuery is |
| shapes, statements | answers remembered by a statement's shape and the schemas of its tables |
| reads, billing | which columns and partitions a statement reads, and its bytes |
| rules | names, texts, labels, partitioning and clustering of tables |
| loads | a Parquet file's types against the table's |
| text_loads | a file of NDJSON or CSV, and what the job says of it |
| partitions | how many there may be, and which have expired |
| stored | what stands in the server |
| server, jobs, resources, ddl, zone | where it is put into the server: queries; loads and DML; tables; DDL; time zone |

The project's ``default_time_zone`` is the variable ``FLOODMARK_BIGQUERY_TIME_ZONE`` of whoever starts the server.

It imports nothing of the product. ``zetasql`` is in the servers' own environment only.
"""
