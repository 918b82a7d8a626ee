"""The example source as it stands at this hour: for pictures, in which nothing should be called old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from unittest.mock import patch

from floodmark.pipeline.page.page import Page, page
from tests.pipeline.page import many

OF_NOW = "FLOODMARK_PAGES_OF_NOW"
"""Set where pages of now are wanted."""


def shop_of_now() -> Page:
    """Its page."""
    zero = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - 51 * many.HOUR
    of_then = partial(many.config, start=zero.isoformat())
    with patch.object(many, "ZERO", zero), patch.object(many, "config", of_then):
        source, shelf = many.shop()
    return page(source, shelf.ledger, zero + 51 * many.HOUR + timedelta(minutes=12))
