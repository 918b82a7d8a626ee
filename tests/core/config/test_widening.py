"""Which types hold which, and what a column is widened to (R32)."""

from __future__ import annotations

import pytest

from floodmark.core.config.widening import Unfit, widened


@pytest.mark.parametrize(
    ("found", "wanted", "becomes"),
    [
        ("STRING", "STRING", ""),
        ("STRING(10)", "STRING", ""),
        ("NUMERIC", "NUMERIC", ""),
        ("NUMERIC", "NUMERIC(12, 2)", ""),
        ("BIGNUMERIC(38, 10)", "BIGNUMERIC(38, 10)", ""),
        ("BIGNUMERIC(48, 20)", "BIGNUMERIC(38, 20)", ""),
        ("BIGNUMERIC(38, 10)", "BIGNUMERIC(38, 20)", "BIGNUMERIC"),
        ("BIGNUMERIC(38, 10)", "NUMERIC", "BIGNUMERIC"),
        ("NUMERIC", "BIGNUMERIC(38, 20)", "BIGNUMERIC"),
        ("NUMERIC(10, 2)", "NUMERIC", "NUMERIC"),
        ("INT64", "NUMERIC", "NUMERIC"),
        ("INT64", "BIGNUMERIC(12, 10)", "BIGNUMERIC"),
    ],
)
def test_a_column_becomes_wide_enough_for_both(found: str, wanted: str, becomes: str) -> None:
    assert widened(found, wanted) == becomes


@pytest.mark.parametrize(
    ("found", "wanted"), [("NUMERIC", "INT64"), ("INT64", "STRING"), ("STRING", "INT64"), ("TIMESTAMP", "DATETIME")]
)
def test_what_no_type_holds_is_unfit(found: str, wanted: str) -> None:
    with pytest.raises(Unfit):
        widened(found, wanted)
