{# Whether row-level security may hide rows of a table from this role (R2): unless one policy lets it see all of them, and
   none restricts that. #}
{% macro is_filtered() -%}
c.relrowsecurity AND pg_catalog.row_security_active(c.oid) AND (
    NOT EXISTS (
        SELECT 1
        FROM pg_catalog.pg_policy AS p
        WHERE p.polrelid = c.oid
            AND p.polpermissive
            AND p.polcmd IN ('*', 'r')
            AND pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'
            AND (0 = ANY (p.polroles) OR (SELECT u.oid FROM pg_catalog.pg_roles AS u WHERE u.rolname = current_user) = ANY (p.polroles))
    )
    OR EXISTS (SELECT 1 FROM pg_catalog.pg_policy AS p WHERE p.polrelid = c.oid AND NOT p.polpermissive)
)
{%- endmacro %}
{# Of all that this transaction holds locked. #}
{% macro hidden() -%}
'views', pg_catalog.count(*) FILTER (WHERE c.relkind = 'v'),
'secured', COALESCE(pg_catalog.json_agg(c.oid::pg_catalog.regclass::text) FILTER (WHERE c.relrowsecurity), '[]'),
'filtered', COALESCE(pg_catalog.json_agg(c.oid::pg_catalog.regclass::text) FILTER (WHERE {{ is_filtered() }}), '[]')
{%- endmacro %}
{% macro locked() -%}
l.pid = pg_catalog.pg_backend_pid()
    AND l.locktype = 'relation'
    AND l.relation >= 16384
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
{%- endmacro %}
