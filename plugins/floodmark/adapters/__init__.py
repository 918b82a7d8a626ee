"""The outside world behind the ports: PostgreSQL, object storage, BigQuery, the ledger."""
