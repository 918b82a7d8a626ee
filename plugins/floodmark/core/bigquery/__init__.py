"""GoogleSQL, BigQuery's tables and jobs, as text and values. Pure."""
