"""Every YAML that a page shows is one that the configuration takes: whole files as they are, parts in a whole one."""

from __future__ import annotations

import re

import pytest
import yaml

from floodmark.core.config import source_file
from tests.docs.pages import PAGES, blocks, name

WHOLE = """
version: 1
source: shop
connection: shop_db
stage: gs://acme-stage/floodmark
bigquery: {project: acme-data, location: EU, dataset: shop}
start: 2026-01-01
tables: {orders: {cursor: updated_at}}
"""


def variants(block: str) -> list[str]:
    """The parts of a block. Where a key comes more than once, its entries are alternatives."""
    entries = re.split(r"^(?=[a-z_]+:)", block, flags=re.MULTILINE)
    keys = [entry.partition(":")[0] for entry in entries if re.match(r"[a-z_]+:", entry)]
    return [block] if len(keys) == len(set(keys)) else [entry for entry in entries if entry.strip()]


SHOWN = [(name(page), part) for page in PAGES for block in blocks(page, "yaml", "yml") for part in variants(block)]


@pytest.mark.parametrize(("page", "part"), SHOWN, ids=[f"{page} {number}" for number, (page, _) in enumerate(SHOWN)])
def test_the_configuration_takes_it(page: str, part: str) -> None:
    shown = yaml.safe_load(part)
    if "version" not in shown:
        whole = yaml.safe_load(WHOLE)
        part = yaml.safe_dump({**whole, **shown}, sort_keys=False)
    variables = {"FLOODMARK_BUCKET": "acme-stage", "FLOODMARK_PROJECT": "acme-data"}
    assert source_file.parse(part, "shop.yml", variables).tables
