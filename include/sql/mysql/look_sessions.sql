-- The look, second of three questions (R4.2): every connection, with how long its statement has run, in milliseconds.
-- The statements of this ledger's own reads are known by the remark that they begin with: they write nothing.
-- MySQL tells whole seconds, so one more may have passed.
SELECT
    id,
    user,
    command,
    {{ "time_ms" if mariadb else "(time + 1) * 1000" }} AS elapsed,
    COALESCE(LEFT(info, CHAR_LENGTH({{ own | literal }})) = {{ own | literal }}, FALSE) AS own
FROM information_schema.processlist
