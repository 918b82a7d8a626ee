"""The committed JSON Schema is the model's."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from floodmark.core.config import json_schema
from floodmark.core.config.source import BigQuery, CloudSql, Retention, SourceEntry, TableEntry
from floodmark.core.config.source_file import keys

ROOT = Path(__file__).parents[3]


def test_the_committed_schema_is_current():
    committed = (ROOT / "dags/sources/source.schema.json").read_text()
    assert committed == json_schema.text(), (
        "python -m floodmark.core.config.json_schema > dags/sources/source.schema.json"
    )


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(json.loads(json_schema.text()))


@pytest.mark.parametrize("model", [SourceEntry, TableEntry, BigQuery, CloudSql, Retention])
def test_every_key_is_described_in_the_schema_and_in_the_documentation(model):
    page = (ROOT / "docs/configuration.md").read_text()
    for key in keys(model):
        field = next(field for name, field in model.model_fields.items() if key in (name, field.alias))
        assert field.description, key
        assert f"`{key}`" in page, key
