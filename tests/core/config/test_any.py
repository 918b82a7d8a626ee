"""Whatever a file says, it is a source or a list of problems, never another error."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.config import source_file
from floodmark.core.config.source import BigQuery, Retention, SourceEntry, TableEntry, TableKeys
from floodmark.core.config.source_file import keys
from floodmark.errors import ConfigurationError

WORDS = [
    "a",
    "",
    "0",
    "1h",
    "full",
    "append",
    "ignore",
    "2026-11-01",
    "gs://bucket/a",
    "sqlite:///x",
    "${A}",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.sampled_from(WORDS) | st.text()
INNER = ["soft", "mode", "how", "include", "exclude", "column", "by", "connection", "x"]
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(INNER), inner), max_leaves=4
)
GOOD = {
    "version": 1,
    "source": "shop",
    "connection": "shop_db",
    "stage": "gs://bucket/floodmark",
    "bigquery": {"project": "proj", "location": "EU", "dataset": "shop"},
    "start": "2026-11-01",
    "tables": {"orders": None},
}


def mapping(model, **nested):
    return st.fixed_dictionaries({}, optional={key: nested.get(key, VALUES) for key in [*keys(model), "unknown"]})


def either(strategy):
    return strategy | VALUES


TABLES = st.dictionaries(
    st.sampled_from(["orders", "items", "a b"]) | st.text(), either(mapping(TableEntry)), max_size=3
)
SOURCES = mapping(
    SourceEntry,
    bigquery=either(mapping(BigQuery)),
    retention=either(mapping(Retention)),
    defaults=either(mapping(TableKeys)),
    tables=either(TABLES),
)


@settings(max_examples=300, deadline=None)
@given(SOURCES, st.sets(st.sampled_from(sorted(GOOD))))
def test_any_file_is_a_source_or_problems(source, mended):
    text = json.dumps({**source, **{key: GOOD[key] for key in mended}})
    try:
        config, problems = source_file.parse(text, "x.yml", {}, {"shop/orders.sql"}), ()
    except ConfigurationError as error:
        config, problems = None, error.problems
    assert bool(problems) is (config is None)
    assert all(problem.file.startswith("x.yml") and problem.message for problem in problems)
    assert all(str(problem).isprintable() and len(str(problem)) < 3_500 for problem in problems)
    if config:
        config.model_dump_json(by_alias=True)
