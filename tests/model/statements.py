"""What the model's source is made of, and what its applications say to it."""

from __future__ import annotations

TABLE = """
CREATE TABLE {table} (
    id bigint NOT NULL, version bigint NOT NULL DEFAULT nextval({sequence}), note text, amount int,
    created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz, PRIMARY KEY (id)
) {partitioning}"""
TRIGGER = """
CREATE TABLE {history} (id bigint, version bigint);
CREATE TABLE {gone} (id bigint, xid bigint);
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP <> 'DELETE' THEN INSERT INTO {history} VALUES (NEW.id, NEW.version); END IF;
    IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.id <> OLD.id) THEN
        INSERT INTO {gone} VALUES (OLD.id, pg_current_xact_id()::text::bigint);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER noted AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()"""

OPERATIONS = {
    "insert": "INSERT INTO {table} (id, note, amount, created_at) VALUES (%(id)s, 'new', 1, %(birth)s) "
    "ON CONFLICT (id) DO NOTHING",
    "update": "UPDATE {table} SET amount = coalesce(amount, 0) + 1, updated_at = now(), version = nextval({sequence}) "
    "WHERE id IN (SELECT id FROM {table} WHERE id = %(id)s FOR UPDATE SKIP LOCKED)",
    "remove": "UPDATE {table} SET deleted_at = now(), updated_at = now(), version = nextval({sequence}) "
    "WHERE id IN (SELECT id FROM {table} WHERE id = %(id)s FOR UPDATE SKIP LOCKED)",
    "return": "UPDATE {table} SET deleted_at = NULL, updated_at = now(), version = nextval({sequence}) "
    "WHERE id IN (SELECT id FROM {table} WHERE id = %(id)s FOR UPDATE SKIP LOCKED)",
    "delete": "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id = %(id)s FOR UPDATE SKIP LOCKED)",
    "rekey": "UPDATE {table} SET id = id + {keys}, updated_at = now(), version = nextval({sequence}) "
    "WHERE id IN (SELECT id FROM {table} WHERE id = %(id)s FOR UPDATE SKIP LOCKED) "
    "AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = %(id)s + {keys})",
    "savepoint": "SAVEPOINT part",
    "back": "ROLLBACK TO SAVEPOINT part",
}
"""What a transaction may do; keys are few, so an insert is often one of a key that is there, and does nothing."""
APPEND_ONLY = ("insert", "savepoint", "back")

UNSEEN = {
    "update": "UPDATE {table} SET amount = coalesce(amount, 0) + 100, version = nextval({sequence}) "
    "WHERE id IN (SELECT id FROM {table} WHERE id = {id} FOR UPDATE SKIP LOCKED) RETURNING id",
    "import": "INSERT INTO {table} (id, note, amount, created_at, updated_at) "
    "SELECT {id}, 'imported', 1, {birth}, {old} ON CONFLICT (id) DO NOTHING RETURNING id",
    "delete": "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE id = {id} FOR UPDATE SKIP LOCKED) "
    "RETURNING id",
}
"""Writes that no cursor shows: a trigger switched off, an import with old times, a hard delete."""
