"""What the pages and the local server say of BigQuery and Cloud Storage, asked one by one."""
