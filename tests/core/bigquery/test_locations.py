"""From which buckets BigQuery loads into a dataset."""

from __future__ import annotations

import pytest

from floodmark.core.bigquery.locations import loads_from


@pytest.mark.parametrize(
    ("dataset", "bucket", "regions", "loads"),
    [
        ("US", "asia-northeast1", (), True),
        ("EU", "eu", (), True),
        ("EU", "EUROPE-WEST1", (), True),
        ("EU", "europe-west2", (), False),
        ("EU", "europe-west6", (), False),
        ("EU", "EUR4", (), True),
        ("EU", "EUR5", (), False),
        ("EU", "EU", ("EUROPE-WEST1", "EUROPE-NORTH1"), True),
        ("EU", "US", (), False),
        ("europe-west1", "EUROPE-WEST1", (), True),
        ("europe-west1", "europe-west3", (), False),
        ("europe-west1", "EU", (), False),
        ("us-central1", "NAM4", (), None),
        ("europe-west1", "EU", ("EUROPE-WEST1", "EUROPE-WEST4"), None),
    ],
)
def test_a_load_job_takes_what_lies_where_its_documentation_says(
    dataset: str, bucket: str, regions: tuple[str, ...], loads: bool | None
) -> None:
    assert loads_from(dataset, bucket, regions) is loads
