"""Summary tables: built aside by a query in BigQuery, checked, put in place in one statement."""
