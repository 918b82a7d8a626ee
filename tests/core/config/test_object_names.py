"""A name of the source's in the name of an object: nothing that means another object, and back without loss."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodmark.core.config.object_names import as_part, of_part


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("orders", "orders"),
        ("Bestellungen 2026-ä", "Bestellungen 2026-ä"),
        ("a*", "a~2A"),
        ("what?", "what~3F"),
        ("[x]", "~5Bx~5D"),
        ("a#1", "a~231"),
        ("a\\b", "a~5Cb"),
        ("a/b", "a~2Fb"),
        ("a.b", "a~2Eb"),
        ("a~2A", "a~7E2A"),
        ("line\nbreak", "line~0Abreak"),
        ("a\u00a0b", "a~C2~A0b"),
        ("preis_€", "preis_~E2~82~AC"),
    ],
)
def test_what_means_more_than_itself_is_encoded(name: str, part: str) -> None:
    assert as_part(name) == part
    assert of_part(part) == name


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_name_comes_back_and_stands_in_one_folder(name: str) -> None:
    assert of_part(as_part(name)) == name
    assert re.fullmatch(r"[\w ~-]*", as_part(name))
