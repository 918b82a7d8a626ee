"""Whether BigQuery loads from a bucket that lies elsewhere.

Its page "BigQuery locations" (https://docs.cloud.google.com/bigquery/docs/locations#data-locations): into a dataset of
the multi-region US from a bucket anywhere; into one of another multi-region from a bucket there, or in a region of it;
into one of a region from a bucket in that region. The page names no bucket of two regions.
"""

from __future__ import annotations

from collections.abc import Iterable

ANYWHERE = "us"
"""Into datasets of this location BigQuery loads from every bucket."""
_EUROPE, _NOT_OF_THE_EU = "europe-", frozenset(("europe-west2", "europe-west6"))
"""London and Zürich are no parts of the multi-region EU (the same page, *Multi-regions*)."""
_PAIRS = {
    "asia1": ("asia-northeast1", "asia-northeast2"),
    "eur4": ("europe-north1", "europe-west4"),
    "eur5": ("europe-west1", "europe-west2"),
    "eur7": ("europe-west2", "europe-west3"),
    "eur8": ("europe-west3", "europe-west6"),
    "nam4": ("us-central1", "us-east1"),
}
"""Cloud Storage's predefined dual-regions (its page "Bucket locations")."""


def loads_from(dataset: str, bucket: str, regions: Iterable[str] = ()) -> bool | None:
    """Whether a load job takes objects of ``bucket``'s location; None where the documentation doesn't say.

    ``regions`` are those of a bucket of two, where its location doesn't name them.
    """
    into, place = dataset.casefold(), bucket.casefold()
    if into in (ANYWHERE, place):
        return True
    parts = tuple(one.casefold() for one in regions) or _PAIRS.get(place, ())
    if into == "eu":
        return all(one.startswith(_EUROPE) and one not in _NOT_OF_THE_EU for one in parts or (place,))
    return None if into in parts else False
