"""A key as a person writes it; refused without being repeated."""

from __future__ import annotations

import pytest

from floodmark.core.ledger.forgotten import DIGITS, digest, key_of
from floodmark.core.refused import Refused


def test_a_digest_depends_on_the_salt_and_on_each_columns_text():
    keys = [("a", "b"), ("ab", ""), ("", "ab"), ("a", "b", "")]
    digests = {digest(salt, key) for salt in ("one", "two") for key in keys}
    assert len(digests) == 8
    assert {len(one) for one in digests} == {DIGITS}


@pytest.mark.parametrize(
    ("written", "types", "said"),
    [
        ("x1", ["INT64"], "is no INT64"),
        ("1.5", ["INT64"], "is no INT64"),
        ("2026-13-01", ["DATE"], "is no DATE; write 2026-11-01"),
        ("2026-11-01T00:00:00", ["TIMESTAMP"], "is no TIMESTAMP; write it with its zone"),
        ("abc", ["NUMERIC(12, 2)"], "is no NUMERIC"),
        ("zz", ["BYTES"], "is no BYTES; write hexadecimal digits"),
        ("maybe", ["BOOL"], "is no BOOL; write true or false"),
        ("7", ["INT64", "STRING"], "is not a list of the key's 2 columns; write JSON"),
        ("[7]", ["INT64", "STRING"], "is not a list of the key's 2 columns; write JSON"),
        ('{"a": 7}', ["INT64", "STRING"], "is not a list of the key's 2 columns; write JSON"),
        ("[7, null]", ["INT64", "STRING"], "holds something that is neither a text nor a number"),
        ('[7, ["a"]]', ["INT64", "STRING"], "holds something that is neither a text nor a number"),
    ],
)
def test_what_can_be_no_key_is_refused_and_not_repeated(written, types, said):
    with pytest.raises(Refused) as refused:
        key_of(written, types)
    told = f"{refused.value.message}; {refused.value.remedy}"
    assert told.startswith(said)
    assert refused.value.__cause__ is None
    assert written not in told or written == "7"


def test_a_number_in_a_list_keeps_its_digits():
    assert key_of("[12345678901234567890.10, 0.1, true]", ["NUMERIC", "STRING", "BOOL"]) == (
        "12345678901234567890.1", "0.1", "1",
    )  # fmt: skip
