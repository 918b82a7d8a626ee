"""The physical tables behind a table, whatever it is called and whatever becomes of it (R11, M22)."""

from __future__ import annotations

import uuid

from floodmark.adapters.mysql.connect import connected
from floodmark.adapters.mysql.leaves import NO_PRIVILEGE, NOT_TOLD, leaves
from floodmark.demo.servers.mariadb import MySQLDatabase
from tests.adapters.mysql.test_look import at


def numbers(place: MySQLDatabase, table: str) -> set[int]:
    with connected(at(place)) as connection:
        found, assumptions = leaves(connection, place.dbname, table, whole=True)
    assert assumptions == ()
    return {one.id for one in found}


def test_a_table_is_one_and_a_partitioned_one_its_partitions_whatever_their_names(mysql_database) -> None:
    mysql_database.sql(
        "CREATE TABLE `o_ö-1` (id int PRIMARY KEY)",
        "CREATE TABLE `oxö-1` (id int PRIMARY KEY)",
        "CREATE TABLE `o_ö-12` (id int PRIMARY KEY)",
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id) "
        "(PARTITION `a-b` VALUES LESS THAN (10), PARTITION c VALUES LESS THAN MAXVALUE)",
    )
    assert len(numbers(mysql_database, "o_ö-1")) == 1
    assert len(numbers(mysql_database, "p")) == 2
    assert numbers(mysql_database, "o_ö-1") != numbers(mysql_database, "oxö-1")


def test_what_moves_rows_moves_numbers_and_what_writes_them_anew_makes_new_ones(mysql_database) -> None:
    mysql_database.sql(
        "CREATE TABLE a (id int PRIMARY KEY)",
        "CREATE TABLE b (id int PRIMARY KEY)",
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION c VALUES LESS THAN MAXVALUE)",
    )
    a, b, p = (numbers(mysql_database, one) for one in "abp")
    mysql_database.sql("RENAME TABLE a TO c, b TO a, c TO b")
    assert (numbers(mysql_database, "a"), numbers(mysql_database, "b")) == (b, a)
    mysql_database.sql("ALTER TABLE p EXCHANGE PARTITION c WITH TABLE a")
    assert (numbers(mysql_database, "a"), numbers(mysql_database, "p")) == (p, b)
    mysql_database.sql("ALTER TABLE a FORCE", "TRUNCATE TABLE b")
    assert not numbers(mysql_database, "a") & p
    assert not numbers(mysql_database, "b") & a


def test_what_cannot_be_seen_is_trusted_and_named(mysql_database) -> None:
    user = f"u{uuid.uuid4().hex[:8]}"
    mysql_database.sql("CREATE TABLE a (id int)", f"CREATE USER {user}", f"GRANT SELECT ON a TO {user}")
    with connected(at(mysql_database, user)) as connection:
        found, [told] = leaves(connection, mysql_database.dbname, "a", whole=True)
        assert (found, told) == ((), f"{NO_PRIVILEGE}'{user}'@'%'")
        assert leaves(connection, mysql_database.dbname, "a", whole=False) == ((), (NOT_TOLD,))
    mysql_database.sql(told.partition("; ")[2])
    with connected(at(mysql_database, user)) as connection:
        assert leaves(connection, mysql_database.dbname, "a", whole=True)[1] == ()
    mysql_database.sql(f"DROP USER {user}")
