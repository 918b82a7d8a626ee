"""``floodmark dbt``: sources.yml from the catalog; a file that is there stays, unless it is to be replaced."""

from __future__ import annotations

import yaml

from tests.cli.shop import Shop, floodmark, written


def test_tables_come_as_bigquery_has_them_and_a_file_is_written_over_only_with_force(source: Shop) -> None:
    written(source.file.parent, tables="  orders: {freshness: 3h, columns: {exclude: [status]}}\n  products: {}\n")
    source.execute("COMMENT ON COLUMN orders.created_at IS 'When: it was {{ placed }}'")
    answer = floodmark("dbt", source.file)
    assert answer.code == 0
    [shop] = yaml.safe_load(answer.out)["sources"]
    orders = next(one for one in shop["tables"] if one["name"] == "orders")
    columns = {one["name"]: one for one in orders["columns"]}
    assert list(columns) == ["id", "created_at", "updated_at", "_floodmark_cursor", "_floodmark_read_at"]
    assert columns["created_at"] == {
        "name": "created_at", "data_type": "TIMESTAMP", "description": "When: it was {{ '{{' }} placed }}",
    }  # fmt: skip
    assert orders["config"]["freshness"]["warn_after"] == {"count": 3, "period": "hour"}
    assert [one["name"] for one in shop["tables"]] == ["orders", "products", "_floodmark_tables"]

    file = source.file.parent / "sources.yml"
    assert floodmark("dbt", source.file, "--out", file).code == 0
    assert file.read_text() == answer.out
    file.write_text("mine")
    refused = floodmark("dbt", source.file, "--out", file)
    assert (refused.code, "is there already" in refused.err, file.read_text()) == (2, True, "mine")
    assert floodmark("dbt", source.file, "--out", file, "--force").code == 0
    assert file.read_text() == answer.out


def test_a_table_that_is_wrong_leaves_no_file(source: Shop) -> None:
    written(source.file.parent, tables="  orders: {cursor: changed}\n")
    answer = floodmark("dbt", source.file, "--out", source.file.parent / "sources.yml")
    assert (answer.code, answer.out) == (2, "")
    assert "tables.orders.cursor" in answer.err
    assert not (source.file.parent / "sources.yml").exists()
