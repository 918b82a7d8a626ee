"""The query that everybody reads: one slice of a table by ``updated_at``, which holds all its rows."""

LOW, HIGH = "2026-01-01 00:00:00+00", "2027-01-01 00:00:00+00"


def query(table: str, schema: str = "public") -> str:
    """The SELECT."""
    return f"SELECT * FROM {schema}.{table} WHERE updated_at >= '{LOW}' AND updated_at < '{HIGH}'"
