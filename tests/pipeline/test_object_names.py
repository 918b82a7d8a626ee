"""A table whose name means many objects loads its own (Cloud Storage's wildcards)."""

from __future__ import annotations

import pytest

from floodmark.core.config.object_names import of_part
from tests.pipeline.conftest import World, hour

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["a*", "a?", "[a]b#1", "a/b.c", "tab\there", "back\\slash"])
def test_a_table_of_any_name_is_staged_and_loaded_by_itself(world: World, name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace("\t", "\\t")
    world.tables = f'{{odd: {{from: "public.\\"{quoted}\\""}}, ab: }}'
    for number, table in enumerate((name, "ab"), start=1):
        world.sql(
            f'CREATE TABLE "{table}" (id int PRIMARY KEY, updated_at timestamptz NOT NULL)',
            f"INSERT INTO \"{table}\" VALUES ({number}, '2026-11-01T00:10Z')",
        )
    world.run("ab", hour(0))
    assert world.run("odd", hour(0)).rows == 1
    assert (world.current("odd", "id"), world.current("ab", "id")) == ([(1,)], [(2,)])
    names = [blob.name for blob in world.google.storage_client().list_blobs(world.bucket)]
    assert {of_part(one.split("/")[2].removeprefix("public.")) for one in names} == {name, "ab"}
    last = world.head("odd").last
    assert last is not None
    assert last.manifest is not None
    assert not set("*?[]#\\\t") & set("".join(one.uri for one in last.manifest.objects) + last.manifest.uri)
