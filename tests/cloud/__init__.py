"""A suite for a real Google project (``make cloud``): the product on each kind of table, and each doubt asked."""
