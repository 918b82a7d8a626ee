"""A table's configuration and its catalog -> what is read and how; what was left open is derived, and said aloud."""
