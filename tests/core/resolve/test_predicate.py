"""What a ``where`` depends on beside its row (R37)."""

from __future__ import annotations

import pytest

from floodmark.core.resolve.predicate import depends_on


@pytest.mark.parametrize(
    ("where", "beside"),
    [
        ("status <> 'done'", ()),
        ("updated_at > now() - interval '30 days'", ("now",)),
        ("due <= CURRENT_DATE AND age (due) > '1 day'", ("current_date", "age")),
        ("due < 'Today'::date OR due > date 'tomorrow '", ("'today'", "'tomorrow'")),
        ("customer IN (SELECT id FROM vips)", ("another table",)),
        ("EXISTS (select 1 from t) OR id IN (TABLE u)", ("another table",)),
        ("random() < 0.1 AND owner = current_user", ("random", "current_user")),
        ("note <> 'select now()' AND \"now\" = 1 AND now = 2", ()),
        ("a = 1 -- select now()\nAND b = 2 /* random()\n */ AND c = $x$now()$x$ AND d = E'it\\'s now() '", ()),
        ("currently = 1 AND selected AND tablet", ()),
    ],
)
def test_what_no_write_to_the_row_changes_is_named(where: str, beside: tuple[str, ...]) -> None:
    assert depends_on(where) == beside
