"""A SELECT of an old DAG is known by its templates, and the message says which lines to drop."""

from __future__ import annotations

import pytest

from floodmark.core.refused import Refused
from floodmark.core.resolve.own_sql import judge_select, judge_where

OLD = """SELECT id, amount, updated_at
FROM orders
WHERE status <> 'draft'
  AND updated_at >= '{{ data_interval_start }}'
  AND updated_at < '{{ data_interval_end }}'
"""


def test_the_lines_of_the_bounds_are_named_and_without_them_it_is_taken() -> None:
    with pytest.raises(Refused) as refused:
        judge_select(OLD)
    assert refused.value.message == (
        "is a template of Airflow's (line 4: AND updated_at >= '{{ data_interval_start }}'; "
        "line 5: AND updated_at < '{{ data_interval_end }}')"
    )
    assert refused.value.remedy.startswith("drop the bounds in lines 4, 5: Floodmark reads each slice by the cursor")
    kept = [line for number, line in enumerate(OLD.splitlines(), start=1) if number not in (4, 5)]
    assert judge_select("\n".join(kept)) == ""


@pytest.mark.parametrize(
    "bound",
    [
        "{{ ds }}",
        "{{ds_nodash}}",
        "{{ ts }}",
        "{{ ts_nodash_with_tz }}",
        "{{ execution_date.isoformat() }}",
        "{{ next_execution_date }}",
        "{{ prev_data_interval_end_success }}",
        "{{ logical_date | ds }}",
        "{{ dag_run.logical_date }}",
        "{{ macros.ds_add(ds, -1) }}",
        "{{ (data_interval_end - macros.timedelta(hours=1)).strftime('%Y-%m-%d') }}",
        "{{\n  data_interval_start\n}}",
    ],
)
def test_every_word_for_a_runs_time_is_a_bound(bound: str) -> None:
    for judge, text in ((judge_where, f"updated_at >= '{bound}'"), (judge_select, f"SELECT 1\nWHERE a > '{bound}'")):
        with pytest.raises(Refused, match="template of Airflow's") as refused:
            judge(text)
        assert "drop the bounds in line" in refused.value.remedy


@pytest.mark.parametrize(
    "text",
    ["country = '{{ var.value.country }}'", "shop = {{ params.shop }}", "a = 1 {% if x %} AND b = 1 {% endif %}"],
)
def test_what_else_a_template_holds_must_be_written_out(text: str) -> None:
    with pytest.raises(Refused) as refused:
        judge_where(text)
    assert refused.value.remedy == "write the value itself: nothing fills in a template here"


@pytest.mark.parametrize(
    "text",
    [
        "note = '{{ hello }}'",
        "a = '{}'",
        "b @> '{1,2}'",
        'j = \'{"a": {"ds": 1}}\'',
        "a LIKE '{%' OR a LIKE '%}'",
    ],
)
def test_braces_of_other_meaning_are_taken(text: str) -> None:
    assert judge_where(text) == ""
