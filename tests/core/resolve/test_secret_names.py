"""What a column's name says of it."""

from __future__ import annotations

import pytest

from floodmark.core.resolve.secret_names import looks_secret
from floodmark.core.schema import Column


@pytest.mark.parametrize(
    "name",
    ["password", "password_hash", "PasswordHash", "apiKey", "api_key", "API_KEY", "reset_token", "ssn", "session_data",
     "sessionData", "card_number", "clientSecret", "tax_id", "salt"],
)  # fmt: skip
def test_a_secret_is_seen_by_whole_words(name: str) -> None:
    assert looks_secret(Column(name=name, type="text", base_type="text"))


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("passwordless_since", "timestamptz"),
        ("token_expires_at", "timestamptz"),
        ("has_password", "bool"),
        ("card_id", "int8"),
        ("session_id", "text"),
        ("token_count", "int4"),
        ("discard", "text"),
        ("basalt", "text"),
        ("secretary", "text"),
        ("cardinality", "int4"),
        ("key", "text"),
        ("§", "text"),
    ],
)
def test_what_only_sounds_like_one_is_not(name: str, type_: str) -> None:
    assert not looks_secret(Column(name=name, type=type_, base_type=type_))
