"""What the report says is what was measured: each ratio is worked out anew here."""

import json
import re
from pathlib import Path
from statistics import median
from xml.etree import ElementTree

import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks"


def measure(contestant, rows, round_, seconds, **more):
    values = {"cpu": 1.0, "start": 0.5, "server_cpu": 0.25, "others": 0.0, "peak": 100.0, "bytes": 2**20}
    where = {"shape": "ten", "rows": rows, "contestant": contestant, "round": round_}
    return {**where, "seconds": seconds, **values, **more}


def contestant(label, *, is_slow=False):
    return {"label": label, "writes": "Parquet", "how": "somehow", "is_slow": is_slow}


@pytest.fixture
def made():
    """Three rounds: the COPY takes 2, 4 and 1 seconds, and 0.1 for a twentieth of the rows."""
    measures = [measure("copy-text", 2000, round_, seconds) for round_, seconds in enumerate((2.0, 4.0, 1.0))]
    measures += [measure("floodmark-1", 2000, round_, seconds) for round_, seconds in enumerate((1.0, 3.0, 0.8))]
    measures += [measure("duckdb", 2000, round_, seconds) for round_, seconds in enumerate((1.6, 3.2, 0.8))]
    measures += [measure("copy-text", 100, 0, seconds) for seconds in (0.1, 0.5, 0.1)]
    measures += [measure("dlt-pyarrow", 100, 0, 5.25, peak=300.0)]
    return {
        "began": "2026-11-29T10:00:00+00:00",
        "ended": "2026-11-29T10:20:00+00:00",
        "load": {"before": 0.1, "after": 2.0},
        "machine": {"machine": "2 cores", "PostgreSQL": "18.1"},
        "versions": {"floodmark-1": "floodmark 0.2.0"},
        "tries": 3,
        "whole": True,
        "shapes": {"ten": "ten columns"},
        "sizes": {"ten": {"2000": {"all": 2000, "slow": 100}}},
        "contestants": {
            "floodmark-1": contestant("Floodmark, one reader"),
            "copy-text": contestant("COPY, text"),
            "duckdb": contestant("DuckDB <2>"),
            "connectorx": contestant("connectorx"),
            "dlt-pyarrow": contestant("dlt, pyarrow", is_slow=True),
            "ingestr": contestant("ingestr", is_slow=True),
        },
        "missing": {"ingestr": "no way to its program"},
        "failures": [{"shape": "ten", "rows": 2000, "contestant": "connectorx", "reason": "no arrays"}],
        "measures": measures,
        "memory": [{**measure("floodmark-1", 5000, 0, 2.0, peak=140.4)}],
        "mysql": {
            "rows": 1000,
            "client": [1.0, 2.0, 1.0],
            "read": [1.5, 2.0, 1.25],
            "peak": 90.0,
            "version": "MariaDB 11",
        },
    }


def cells(page, label):
    """The first line of a table that begins with a label, without what is in bold."""
    [first, *_] = [line for line in page.splitlines() if line.startswith(f"| {label} |")]
    return [cell.strip(" *") for cell in first.split("|")[2:-1]]


def test_a_ratio_is_to_the_copy_of_the_same_rows_in_the_same_round(made, module):
    page = module("text").markdown(module("results").Results(made))
    assert cells(page, "Floodmark, one reader")[0] == "0.75 (0.50 to 0.80)"  # of 1/2, 3/4 and 0.8/1
    assert cells(page, "DuckDB <2>")[:2] == ["0.80 (0.80 to 0.80)", "1.60 (0.80 to 3.20)"]
    assert cells(page, "dlt, pyarrow") == ["52.5", "5.25", "1.00", "0.25", "300", "1.0", "0.5", "100"]  # 5.25 / 0.1
    assert cells(page, "1,000")[0] == "1.25 (1.00 to 1.50)"  # MariaDB: of 1.5, 2/2 and 1.25/1


def test_a_goal_is_met_where_the_numbers_say_so(made, module):
    def said():
        return {words: (found, met) for words, found, met in module("goals").goals(module("results").Results(made))}

    assert said()["one reader, `ten`: at most 0.90 of COPY's time"] == ("0.75", True)
    assert said()["two readers, `ten`: at most 0.75 of COPY's time"] == ("-", None)
    assert said()["ahead of DuckDB in every shape"] == ("in 1 of 1", True)
    assert said()["one reader, `ten`: at least 35 times as fast as dlt, pyarrow"] == ("70.0", True)  # 52.5 / 0.75
    assert said()["peak memory at most 150 MiB, all shapes and sizes"] == ("up to 140", True)
    for one in made["measures"]:
        if one["contestant"] == "duckdb":
            one["seconds"] /= 2
    made["memory"][0]["peak"] = 150.6
    assert said()["ahead of DuckDB in every shape"] == ("in 0 of 1; of DuckDB's time: ten 1.88", False)  # 0.75 / 0.4
    assert said()["peak memory at most 150 MiB, all shapes and sizes"] == ("up to 151", False)


def test_a_goal_is_told_by_itself_with_a_driver_that_was_compiled_with_optimisation(made, module):
    name = "floodmark-1" + module("contestants").OPTIMISED
    made["contestants"][name] = contestant("Floodmark, one reader, ADBC optimised")
    made["measures"] += [measure(name, 2000, round_, seconds) for round_, seconds in enumerate((2.0, 4.0, 0.5))]
    found = {words: (found, met) for words, found, met in module("goals").goals(module("results").Results(made))}
    assert found["one reader, `ten`: at most 0.90 of COPY's time"] == ("0.75", True)
    assert found["one reader, ADBC optimised, `ten`: at most 0.90 of COPY's time"] == ("1.00", False)
    assert found["ahead of DuckDB in every shape, ADBC optimised"] == ("in 0 of 1; of DuckDB's time: ten 1.25", False)


def test_a_busy_machine_and_few_rows_are_said(made, module):
    page = module("text").markdown(module("results").Results(made))
    assert "The machine was quiet: other things had 0.00 cores, at most 0.00; the load average was 0.10 before" in page
    assert "**So few rows say little**: a COPY of `ten` ended after 2.00 s" in page
    for one in made["measures"]:
        one["others"] = 1.5
    assert "**The machine was busy" in module("text").markdown(module("results").Results(made))


def test_who_could_not_is_said_with_the_reason(made, module):
    page = module("text").markdown(module("results").Results(made))
    assert "- ingestr can't be had here: no way to its program" in page
    assert "- connectorx, ten, 2,000 rows: no arrays" in page
    assert "can't |" in page
    assert "ingestr |" not in page.partition("## How each was run")[0]


def test_a_report_without_memory_and_mariadb_is_whole(made, module):
    made.update(memory=[], mysql=None, failures=[], missing={})
    page = module("text").markdown(module("results").Results(made))
    assert not [line for line in page.splitlines() if line.startswith(("## Memory", "## MariaDB", "## Who"))]
    made["mysql"] = {"missing": "no package"}
    assert "Left out: no package" in module("text").markdown(module("results").Results(made))


def test_the_picture_is_well_formed_and_says_the_ratios(made, module):
    drawn = ElementTree.fromstring(module("chart").svg(module("results").Results(made)))
    words = [each.text for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"DuckDB <2>", "0.75", "0.80", "52", "dlt, pyarrow, 100 rows", "ten, 2,000 rows"} <= set(words)


def test_the_three_files_are_made_of_the_json_alone(made, module, tmp_path):
    document = module("document")
    document.write(tmp_path, made)
    assert document.read(tmp_path) == made == json.loads((tmp_path / "report.json").read_text())
    page = (tmp_path / "report.md").read_text()
    (tmp_path / "report.md").write_text("")
    assert module("run").main(["--redraw", "--to", str(tmp_path)]) == 0
    assert (tmp_path / "report.md").read_text() == page


def test_a_goal_that_is_not_met_ends_with_1_where_they_are_to_be_held(made, module, tmp_path, capsys):
    module("document").write(tmp_path, made)
    words = ["--redraw", "--hold", "--to", str(tmp_path)]
    assert module("run").main(words) == 0
    made["memory"][0]["peak"] = 150.6
    module("document").write(tmp_path, made)
    assert module("run").main(words) == 1
    assert "peak memory at most 150 MiB, all shapes and sizes: found up to 151" in capsys.readouterr().err
    assert module("run").main(["--redraw", "--to", str(tmp_path)]) == 0


def test_the_kept_report_is_what_its_json_says(module):
    document = module("document")
    results = module("results").Results(document.read(FOLDER))
    assert (FOLDER / document.TEXT).read_text() == module("text").markdown(results)
    assert (FOLDER / document.CHART).read_text() == module("chart").svg(results)


def test_every_ratio_of_the_kept_report_is_that_of_its_measures(module):
    """Worked out from the JSON without the benchmark's own code."""
    kept = json.loads((FOLDER / "report.json").read_text())
    page = (FOLDER / "report.md").read_text()
    shape = next(iter(kept["shapes"]))
    seconds, rounds = {}, {}
    for one in kept["measures"]:
        if one["shape"] == shape:
            seconds.setdefault((one["contestant"], one["rows"], one["round"]), []).append(one["seconds"])
    for (name, rows, round_), [*those] in seconds.items():
        if name != "copy-text":
            base = median(seconds["copy-text", rows, round_])
            rounds.setdefault((name, rows), []).extend(each / base for each in those)
    told = 0
    largest = max(kept["sizes"][shape].values(), key=lambda sizes: sizes["all"])
    for (name, rows), ratios in rounds.items():
        one = kept["contestants"][name]
        if rows == largest["slow" if one["is_slow"] else "all"]:
            said = re.match(r"[\d.,]+", cells(page, one["label"])[0])
            digits = 0 if median(ratios) >= 100 else 1 if median(ratios) >= 10 else 2
            assert said[0] == f"{median(ratios):,.{digits}f}", name
            told += 1
    assert told >= 10


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--only", "duckdbb"], "duckdbb"),
        (["--shapes", "tall"], "tall"),
        (["--rows", "1k"], "'1k' is no whole number from 1 on"),
        (["--rows", "0"], "'0' is no whole number from 1 on"),
        (["--tries", "-1"], "'-1' is no whole number"),
        (["--slow-share", "2"], "'2' is no number above 0 up to 1"),
        (["--memory", "many"], "'many' is no whole number"),
    ],
)
def test_a_bad_option_is_refused_by_name(module, capsys, words, named):
    with pytest.raises(SystemExit) as refused:
        module("run").arguments(words)
    assert refused.value.code == 2
    told = capsys.readouterr().err
    assert words[0] in told
    assert named in told


def test_a_folder_that_is_not_there_is_named(module, capsys, tmp_path):
    assert module("run").main(["--to", str(tmp_path / "none")]) == 2
    assert "none: there is no such folder" in capsys.readouterr().err
    assert module("run").main(["--redraw", "--to", str(tmp_path)]) == 2
    assert "report.json: there is no such file; measure first: make bench" in capsys.readouterr().err


def test_the_copy_is_measured_whoever_else_is_asked_for(module):
    run = module("run")
    plan = run.plan(run.arguments(["--only", "duckdb", "--shapes", "wide", "ten", "--rows", "1,000", "400000"]))
    assert [one.name for one in plan.contestants] == ["copy-text", "duckdb"]
    assert [one.name for one in plan.shapes] == ["ten", "wide"]
    ten, wide = plan.shapes
    assert plan.sizes(ten, 400_000) == {"all": 400_000, "slow": 40_000}
    assert plan.sizes(wide, 1000) == {"all": 100, "slow": 100}


def test_every_contestant_has_its_pins_and_its_reader(module):
    folder = FOLDER / "speed"
    for one in module("contestants").CONTESTANTS.values():
        assert (folder / "readers" / f"{one.module}.py").exists(), one.name
        assert not one.pins or (folder / "pins" / f"{one.pins}.txt").exists(), one.name
    pins = "".join(file.read_text() for file in (folder / "pins").iterdir())
    assert all("==" in line and "/" not in line for line in pins.splitlines())
