"""What the ledger records: heads, reads, coverage, watermarks, requests. Pure."""
