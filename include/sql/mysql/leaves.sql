-- The tables of InnoDB behind a table: itself, or each of its partitions, by the number that InnoDB gave it (R11, M22).
-- InnoDB writes names as those of files are written, in small letters where the server says so.
SELECT found.table_id, found.name
FROM (
    SELECT
        table_id,
        name,
        CAST(IF(@@lower_case_table_names = 0, name, LOWER(name)) AS BINARY) AS file
    FROM information_schema.{{ "innodb_sys_tables" if mariadb else "innodb_tables" }}
) AS found
CROSS JOIN (
    SELECT CONCAT(
        CAST(CONVERT(IF(@@lower_case_table_names = 0, {{ schema | literal }}, LOWER({{ schema | literal }})) USING filename) AS BINARY),
        '/',
        CAST(CONVERT(IF(@@lower_case_table_names = 0, {{ table | literal }}, LOWER({{ table | literal }})) USING filename) AS BINARY)
    ) AS file
) AS wanted
WHERE
    found.file = wanted.file
    OR LEFT(found.file, LENGTH(wanted.file) + 3) IN (CONCAT(wanted.file, '#P#'), CONCAT(wanted.file, '#p#'))
ORDER BY found.table_id
