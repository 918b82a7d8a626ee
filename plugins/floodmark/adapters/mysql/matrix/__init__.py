"""MySQL's and MariaDB's types as a table of data: how each travels, its edges, and what becomes of them (R27)."""
