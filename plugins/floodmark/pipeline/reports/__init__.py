"""What is said of tables: read, never written."""
