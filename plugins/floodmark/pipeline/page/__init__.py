"""One source as one HTML file that needs nothing else, from the ledger alone."""
