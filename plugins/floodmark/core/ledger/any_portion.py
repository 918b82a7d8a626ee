"""Any of the portions that a read may take, told apart by its ``kind`` in a document of the ledger."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from floodmark.core.ledger.built import Built
from floodmark.core.ledger.portion import FirstPart, Reconcile, Slices, Whole

AnyPortion = Annotated[Slices | Whole | FirstPart | Reconcile | Built, Field(discriminator="kind")]
