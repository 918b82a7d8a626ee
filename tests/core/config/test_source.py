"""Each file in cases/ is a source, and beside it what comes of it: .json (what isn't a default) or .errors.txt.

A case leaves out what it is not about: the required keys that it doesn't have at its left margin are put at its end.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from floodmark.core.config import source_file
from floodmark.core.config.json_schema import schema
from floodmark.errors import ConfigurationError

CASES = Path(__file__).parent / "cases"
ALONE = {"not_a_mapping", "empty", "two_documents"}
REQUIRED = {
    "version": "1",
    "source": "shop",
    "connection": "shop_db",
    "stage": "gs://bucket/floodmark",
    "bigquery": "{project: proj, location: EU, dataset: shop}",
    "start": "2026-11-01",
    "tables": "{orders: }",
}
ENVIRON = {"BUCKET": "bucket", "EMPTY": "", "DSN": "postgres://me:hunter2@db/shop", "WORDS": "hunter2"}
SQL_FILES = {"shop/orders.sql", "shop/log.sql", "other/x.sql"}


def whole(case: Path) -> str:
    text = case.read_text()
    if case.stem in ALONE:
        return text
    present = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    return text + "".join(f"{key}: {value}\n" for key, value in REQUIRED.items() if key not in present)


def outcome(case: Path) -> tuple[str, str]:
    try:
        config = source_file.parse(whole(case), case.name, ENVIRON, SQL_FILES)
    except ConfigurationError as error:
        return "errors.txt", f"{error}\n"
    told = config.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return "json", json.dumps(told, indent=1) + "\n"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.yml")), ids=lambda case: case.stem)
def test_a_source_comes_out_as_written_beside_it(case):
    kind, told = outcome(case)
    expected = case.with_suffix(f".{kind}")
    actual = case.with_suffix(f".{kind}.actual")
    actual.unlink(missing_ok=True)
    if not expected.exists() or expected.read_text() != told:
        actual.write_text(told)
    assert told == (expected.read_text() if expected.exists() else f"a file {expected.name}")


def test_every_expectation_belongs_to_a_case():
    expectations = [*CASES.glob("*.json"), *CASES.glob("*.errors.txt")]
    assert {path.name.split(".")[0] for path in expectations} == {case.stem for case in CASES.glob("*.yml")}
    assert len(expectations) == len(list(CASES.glob("*.yml")))


def test_no_error_repeats_what_the_environment_holds():
    for case in CASES.glob("*.errors.txt"):
        assert "hunter2" not in case.read_text(), case.name


@pytest.mark.parametrize("case", sorted(CASES.glob("*.json")), ids=lambda case: case.stem)
def test_the_editor_accepts_what_the_parser_accepts(case):
    source = yaml12(whole(case.with_suffix(".yml")))
    assert [error.message for error in jsonschema.Draft202012Validator(schema()).iter_errors(source)] == []


@pytest.mark.parametrize(
    "name", ["unknown_keys", "wrong_shapes", "wrong_table_shapes", "empty_tables", "literals", "required_keys_missing"]
)
def test_the_editor_marks_what_the_parser_refuses(name):
    source = yaml12(whole(CASES / f"{name}.yml"))
    assert list(jsonschema.Draft202012Validator(schema()).iter_errors(source))


class _Words(yaml.SafeLoader):
    """YAML 1.2's plain words, as editors read them: no dates, no sexagesimals, no yes and no."""


_Words.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(true|false)$", "tf"),
    ("int", r"^-?[0-9]+$", "-0123456789"),
    ("null", r"^(~|null|)$", ["~", "n", ""]),
):
    _Words.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


def yaml12(text: str) -> object:
    return yaml.load(text, _Words)
