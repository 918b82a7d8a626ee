"""What only MySQL and MariaDB do to a table, or to how it is seen: the same three ends."""
