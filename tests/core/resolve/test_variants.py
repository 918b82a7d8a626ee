"""A column whose type BigQuery can't follow goes beside the old one (R26, R32)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from floodmark.core.resolve.variants import Variants, variants
from floodmark.core.schema import Carried


def carried(name: str, target: str, landing: str = "") -> Carried:
    return Carried(name=name, landing=landing or target, target=target)


def of(target: str, landing: str = "") -> Callable[[str], Carried]:
    return lambda name: carried(name, target, landing)


def found(
    target: str, *there: Carried, before: Mapping[str, str] | None = None, fixed: tuple[str, ...] = ()
) -> Variants:
    columns = {"id": of("INT64"), "amount": of(target)}
    return variants(columns, named={}, before=before or {}, there=(carried("id", "INT64"), *there), fixed=fixed)


@pytest.mark.parametrize(
    ("was", "now", "name"),
    [
        ("INT64", "INT64", ""),
        ("INT64", "NUMERIC", ""),
        ("NUMERIC", "BIGNUMERIC", ""),
        ("INT64", "STRING", "amount__string"),
        ("STRING", "INT64", "amount__int64"),
        ("NUMERIC", "BIGNUMERIC(40, 10)", ""),
        ("STRING", "NUMERIC(12, 2)", "amount__numeric"),
        ("STRING", "ARRAY<STRING>", "amount__array_string"),
    ],
)
def test_only_what_bigquery_cannot_widen_goes_beside(was: str, now: str, name: str) -> None:
    assert found(now, carried("amount", was)).names == ({"amount": name} if name else {})


def test_raw_has_to_hold_it_too() -> None:
    assert found("TIMESTAMP", carried("amount", "TIMESTAMP", "STRING")).names == {"amount": "amount__timestamp"}


def test_it_stays_where_it_went() -> None:
    there = (carried("amount", "INT64"), carried("amount__string", "STRING"))
    assert found("STRING", *there, before={"amount": "amount__string"}).names == {"amount": "amount__string"}
    third = found("DATE", *there, before={"amount": "amount__string"})
    assert third.names == {"amount": "amount__date"}
    back = found("INT64", *there, before={"amount": "amount__string"})
    assert back.names == {"amount": "amount__int64"}


def test_the_targets_own_name_is_what_it_goes_beside() -> None:
    columns = {"a°": of("STRING"), "b": of("DATE")}
    there = (carried("a", "INT64"), carried("b", "DATE"))
    assert variants(columns, named={"a°": "a"}, before={}, there=there).names == {"a°": "a__string"}


@pytest.mark.parametrize("fixed", [("amount",), ()])
def test_what_has_no_place_is_said(fixed: tuple[str, ...]) -> None:
    if fixed:
        unfit = found("STRING", carried("amount", "INT64"), fixed=fixed).unfit
        assert unfit == {
            "amount": '"amount" is INT64 in BigQuery, which can\'t become STRING, and the target is made of it'
        }
        return
    columns = {"amount": of("STRING"), "Amount__String": of("STRING")}
    unfit = variants(columns, named={}, before={}, there=(carried("amount", "INT64"),)).unfit
    assert "it can't be called amount__string" in unfit["amount"]
    long = "a" * 295
    unfit = variants({long: of("STRING")}, named={}, before={}, there=(carried(long, "INT64"),)).unfit
    assert "it can't be called" in unfit[long]
    there = (carried("amount", "INT64"), carried("amount__string", "DATE"))
    assert "amount__string" in found("STRING", *there).unfit["amount"]
