-- Those that somebody has locked are left out, so that nobody waits.
SELECT id FROM orders WHERE id IN %s FOR UPDATE SKIP LOCKED
