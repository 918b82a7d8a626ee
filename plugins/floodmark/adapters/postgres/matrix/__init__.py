"""PostgreSQL's types as a table of data: how each travels, its edge values, and what becomes of them (R27).

``docs/types.md`` is written from it, and the reads go by it: ``types.py`` finds a built-in type's carriage here.
"""
