"""Masks as they are written, and what they keep columns from being."""

from __future__ import annotations

import pytest

from floodmark.core.config import masks
from floodmark.core.config.masks import Mask, MaskKind, Masks, Uses
from floodmark.core.config.source_file import parse
from floodmark.core.config.table import fill
from floodmark.core.config.values import written
from floodmark.core.refused import Refused

SOURCE: dict[str, object] = {"start": "2026-11-01"}
EACH: dict[str, object] = {
    "a": "sha256",
    "b": {"hmac": "pii_key"},
    "c": "redact",
    "d": {"truncate": 3},
    "e": "null",
    "f": "clear",
}


def masks_of(written: dict[str, object], defaults: dict[str, object] | None = None) -> Masks:
    return fill("t", {"mask": written}, {"mask": defaults} if defaults else {}, SOURCE).mask


def test_each_kind_is_read_and_written_back() -> None:
    parsed = masks.parse(EACH)
    assert written(parsed) == EACH
    assert [str(parsed.of(name)) for name in "abcdef"] == [
        "sha256", "hmac: pii_key", "redact", "truncate: 3", "null", "None"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {mask: {ssn: null}}\ntables: {mask: }",
        "tables: {mask: {cursor: null, mask: {ssn: }}}",
        "defaults: {mask: {ssn: sha256}}\ntables: {mask: {mask: {ssn: ~}}}",
    ],
)
def test_yamls_null_masks_rather_than_not(text: str) -> None:
    """Elsewhere a key whose value is null counts as not written."""
    place = "bigquery: {project: project, location: EU, dataset: shop}\nstart: 2026-11-01"
    source = parse(f"version: 1\nsource: s\nconnection: c\nstage: gs://bucket\n{place}\n{text}", "s.yml", {})
    assert source.tables["mask"].mask.of("ssn") == Mask(kind=MaskKind.NULL)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sha256", "is not a mapping"),
        ({"email": "sha1"}, 'masks "email" by what is no mask'),
        ({"email": "hmac"}, 'masks "email" by what is no mask'),
        ({"email": {"hmac": "k", "truncate": 1}}, 'masks "email" by what is no mask'),
        ({"email": {"truncate": 0}}, 'masks "email" by a truncate that is zero'),
        ({"email": {"truncate": 10_001}}, 'masks "email" by a truncate that leaves too much'),
        ({"email": {"hmac": "postgres://u:secret@h"}}, 'masks "email" by a hmac that is an address'),
        ({"": "sha256"}, "is blank"),
    ],
)
def test_what_is_no_mask_is_refused(value: object, said: str) -> None:
    with pytest.raises(Refused, match=said):
        masks.parse(value)


def test_a_name_comes_before_globs_and_a_tables_before_those_of_defaults() -> None:
    found = masks_of({"*": "redact", "email": "sha256", "*name": "null"}, {"*name*": "sha256", "email": "clear"})
    assert [str(found.of(name)) for name in ("email", "surname", "x")] == ["sha256", "redact", "redact"]
    kept = masks_of({"phone": "redact"}, {"*email*": "sha256"})
    assert str(kept.of("old_email")) == "sha256"
    assert masks_of({"old_email": "clear"}, {"*email*": "sha256"}).of("old_email") is None


def test_case_does_not_let_a_column_through() -> None:
    assert masks_of({"*email*": "sha256"}).among(["Email", "EMAIL_2", "mail"]) == {
        "Email": Mask(kind=MaskKind.SHA256), "EMAIL_2": Mask(kind=MaskKind.SHA256)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("mask", "uses", "said"),
    [
        ("sha256", Uses(key=("c",)), []),
        ({"hmac": "pii_key"}, Uses(key=("c",)), []),
        ("redact", Uses(key=("c",)), ['"c" is a key column, and redact makes one of different keys']),
        ({"truncate": 5}, Uses(key=("c",)), ['"c" is a key column, and truncate: 5 makes one of different keys']),
        ("sha256", Uses(cursor=("c",)), ['"c" is the cursor, which travels']),
        ("sha256", Uses(partition="c"), ['"c" cuts the target in partitions']),
        ("null", Uses(soft="c"), ['"c" says which rows are deleted']),
        ("clear", Uses(key=("c",), cursor=("c",), partition="c", soft="c"), []),
    ],
)
def test_a_mask_that_keeps_a_column_from_its_use_is_told(mask: object, uses: Uses, said: list[str]) -> None:
    messages = [message for message, _ in masks.misfits(masks.parse({"c": mask}), uses)]
    assert len(messages) == len(said)
    assert all(message.startswith(start) for message, start in zip(messages, said, strict=True))
