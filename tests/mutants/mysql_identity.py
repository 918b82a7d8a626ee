"""What MySQL shows otherwise than it holds it, and tables and columns that are others behind their names (R2, R32).

And that what is assumed says by how many rows the two ends differ (R36): on MySQL more is assumed.
"""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_UNNUMBERED = "plugins/floodmark/core/ledger/unnumbered.py"
_NAMED = "tests/core/ledger/test_unnumbered.py::test_a_column_is_its_place_and_name_where_it_has_no_number"
_FOLLOWED = (
    "tests/core/ledger/test_unnumbered.py::test_a_column_is_called_otherwise_where_its_place_and_type_say_so_too"
)

MUTANTS = (
    Mutant(
        rule="R2",
        breaks="a MySQL server's own limit cuts every SELECT",
        file="plugins/floodmark/adapters/mysql/connect.py",
        old='    "sql_select_limit": "18446744073709551615",\n',
        new='    "sql_select_limit": "DEFAULT",\n',
        test="tests/adapters/mysql/test_connect.py::test_a_limit_that_the_server_gives_every_session_cuts_no_select",
    ),
    Mutant(
        rule="R32",
        breaks="another table under a MySQL table's name only adds its rows",
        file="plugins/floodmark/pipeline/physical.py",
        old="    if gone and now and len(gone) == len(last.leaves) and not reading.schema.row_versions:\n",
        new="    if gone and not now:\n",
        test="tests/pipeline/test_mysql_identity.py::"
        "test_another_physical_table_behind_its_name_takes_the_place_of_what_was_read",
    ),
    Mutant(
        rule="R32",
        breaks="columns without numbers that change their names are taken by these",
        file=_UNNUMBERED,
        old="    moved = [one for one, other in zip(*stayed, strict=True) if one != other]\n",
        new="    moved: list[str] = []\n",
        test=_NAMED,
    ),
    Mutant(
        rule="R32",
        breaks="a column without a number that got another name is a new one",
        file=_UNNUMBERED,
        old="        if old.name not in names[1] and came:\n",
        new="        if old.name not in names[1] and not names[1]:\n",
        test=_NAMED,
    ),
    Mutant(
        rule="R32",
        breaks="a column without a number is followed under any name that stands elsewhere",
        file=_UNNUMBERED,
        old='    return "" if stayed[0] == stayed[1] else',
        new='    return "" if stayed else',
        test=_FOLLOWED,
    ),
    Mutant(
        rule="R32",
        breaks="a column without a number is followed whatever its type is by now",
        file=_UNNUMBERED,
        old="    if types[new] != column.type:\n",
        new="    if not types[new]:\n",
        test=_FOLLOWED,
    ),
    Mutant(
        rule="R36",
        breaks="what is assumed doesn't say by how many rows the two ends differ",
        file="plugins/floodmark/pipeline/reports/prove.py",
        old='return f"assumed{excepted}, because',
        new='return f"assumed, because',
        test="tests/pipeline/reports/test_prove.py::test_what_it_says_is_one_of_four_verdicts",
    ),
    Mutant(
        rule="R27",
        breaks="a quote within a text of MySQL's ends its cell",
        file="plugins/floodmark/adapters/mysql/cells.py",
        old="""_TWICE = "_utf8mb4 x'01'", "_utf8mb4 x'0101'"\n""",
        new="""_TWICE = "_utf8mb4 x'01'", "_utf8mb4 x'01'"\n""",
        test="tests/pipeline/test_mysql_identity.py::test_a_text_with_the_quote_of_its_own_cell_comes_as_it_is",
    ),
)
