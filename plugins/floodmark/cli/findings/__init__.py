"""What ``floodmark doctor`` examines. Every examination ends in findings, never in an exception of a service.

| file | what |
| --- | --- |
| environment | Python and packages |
| source | the ledger, the database, its tables |
| google | Cloud Storage and BigQuery, in order: bucket, datasets, roles, project |
| statements | what the next run would send to BigQuery, by dry runs |
"""
