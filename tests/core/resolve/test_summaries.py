"""Which tables a summary reads, in which order they are built, and what is told of those that can't be."""

from __future__ import annotations

import pytest

from floodmark.core.config.source_file import parse
from floodmark.core.config.summary import Summary
from floodmark.core.refused import Refused
from floodmark.core.resolve.googlesql_text import bare_query, parameters_named, tables_named
from floodmark.core.resolve.summaries import resolve

CONFIG = parse(
    "{version: 1, source: shop, connection: shop_db, stage: gs://bucket/x, start: 2026-11-01,"
    " bigquery: {project: proj-x, location: EU, dataset: shop}, tables: {orders: , items: {to: lines}}}",
    "shop.yml",
    {},
)


def of(name: str, query: str, **more: object) -> Summary:
    return Summary(name=name, file=f"summaries/{name}.sql", query=query, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "tables"),
    [
        ("SELECT * FROM orders AS o, o.items AS i JOIN `proj-x.shop.b` USING (x)", ("orders", "proj-x.shop.b")),
        ("WITH a AS (SELECT 1 FROM c) SELECT * FROM a, shop.a, UNNEST([1]) AS u", ("shop.a", "c")),
        ("SELECT * FROM my-proj.shop.orders -- FROM lines", ("my-proj.shop.orders",)),
        ("SELECT (SELECT MAX(x) FROM b) FROM a UNION ALL (SELECT 1 FROM `a`)", ("a", "b")),
        ("SELECT 'FROM x', `from`.y FROM `from`", ("from",)),
        ("FROM orders |> WHERE x > 1", ("orders",)),
    ],
)
def test_the_tables_that_a_query_names(query: str, tables: tuple[str, ...]) -> None:
    assert sorted(tables_named(query)) == sorted(tables)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE FROM a WHERE TRUE", "is not a SELECT but DELETE"),
        ("SELECT 1; SELECT 2", "holds several statements"),
        (" ; ", "is empty"),
        ("SELECT FROM WHERE", "can't be read"),
        ("SELECT 'a", "holds a string or a comment that does not end"),
        ("CREATE TABLE x AS SELECT 1", "is not a SELECT but CREATE"),
        ("SELECT * FROM a WHERE d = '{{ ds }}'", "Airflow"),
    ],
)
def test_what_is_no_query_is_refused(query: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        tables_named(query)


def test_a_semicolon_at_the_end_is_none_and_parameters_are_told_from_texts() -> None:
    assert bare_query("SELECT ';' -- ;\n; -- done; it is") == "SELECT ';' -- ;"
    assert parameters_named("SELECT @Start, '@no', `@no`, @@system, @ end -- @no") == {"start"}


def test_each_comes_after_those_that_it_reads() -> None:
    summaries = [
        of("a", "SELECT 1 FROM b, shop_raw.lines"),
        of("b", "SELECT 1 FROM orders, other.table"),
        of("c", "SELECT 1 FROM x", tables=("items",)),
    ]
    resolved, problems = resolve(CONFIG, summaries)
    assert problems == []
    assert [(one.summary.name, one.inputs, one.after, one.foreign) for one in resolved] == [
        ("b", ("proj-x.shop.orders",), (), ("proj-x.other.table",)),
        ("a", ("proj-x.shop.b", "proj-x.shop.lines"), ("b",), ()),
        ("c", ("proj-x.shop.lines",), (), ()),
    ]


@pytest.mark.parametrize(
    ("summaries", "said"),
    [
        ([of("a", "SELECT 1 FROM b"), of("b", "SELECT 1 FROM c"), of("c", "SELECT 1 FROM orders, a")],
         "summaries/a.sql: query: reads itself in a circle: a -> b -> c -> a; break it"),
        ([of("a", "SELECT 1 FROM a")], "summaries/a.sql: query: reads itself in a circle: a -> a; break it"),
        ([of("a", "SELECT 1 FROM ordres", line=4)],
         'summaries/a.sql:4: query: reads "proj-x.shop.ordres", which is no table of the source shop, and no summary; '
         'did you mean "proj-x.shop.orders"?'),
        ([of("a", "SELECT 1 FROM v", tables=("ordres",))],
         'summaries/a.sql: tables: names "proj-x.shop.ordres", which is no table of the source shop, and no summary; '
         'did you mean "proj-x.shop.orders"?'),
        ([of("a", "SELECT '{{ ds }}' FROM v", tables=("orders",))],
         "summaries/a.sql:1: query: is a template of Airflow's (line 1: SELECT '{{ ds }}' FROM v); "
         "write @start and @end for the bounds in line 1"),
        ([of("a", "SELECT 1 FROM other.orders")], "summaries/a.sql:1: query: reads no table of the source shop"),
        ([of("a", "SELECT 1 FROM orders WHERE x >= @start", partition_by="x")],
         "summaries/a.sql:1: query: names @start without @end; name both, or none"),
        ([of("a", "SELECT @start, @end FROM orders")], "summaries/a.sql:1: query: names @start and @end, and a window"),
        ([of("a", "SELECT @day FROM orders")], "summaries/a.sql:1: query: names the parameter @day, and there is none"),
        ([of("Orders", "SELECT 1 FROM orders")], 'summaries/Orders.sql: "Orders" is the target of tables.orders'),
        ([of("_floodmark_x", "SELECT 1 FROM orders")],
         'summaries/_floodmark_x.sql: "_floodmark_x" begins with "_floodmark_", as Floodmark\'s own tables do; give'),
        ([of("a", "SELECT 1 FROM orders"), of("A", "SELECT 1 FROM orders")], "summaries/a.sql: another file differs"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_told(summaries: list[Summary], said: str) -> None:
    resolved, problems = resolve(CONFIG, summaries)
    assert str(problems[0]).startswith(said)
    assert summaries[0].name not in [one.summary.name for one in resolved]
