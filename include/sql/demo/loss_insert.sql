INSERT INTO orders (note)
SELECT %s FROM generate_series(1, %s)
