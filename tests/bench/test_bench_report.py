import json
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from fakes import outcome, turn

from blazepose.bench.figures import Accuracy, Result, figures
from blazepose.bench.machine import Machine
from blazepose.bench.report import markdown, tables, write_result
from blazepose.bench.rounds import Plan

MACHINE = Machine("AMD EPYC", 2, 4, 25.3, "Linux-6.1", "3.11.7", {"blazepose": "1"}, 0.1)


@pytest.fixture
def result() -> Result:
    ours = outcome("blazepose:lite", turn([4.0] * 9, image_ms=[12.0]))
    theirs = outcome("movenet:lightning", turn([16.0] * 9, image_ms=[24.0]))
    blind = outcome("mine", turn([]))
    plan = Plan((Path("squat.mp4"),), rounds=1)
    rows = [figures(each, theirs, plan) for each in (ours, theirs, blind)]
    judged = replace(rows[0], accuracy=Accuracy("pck@0.2", 0.8125, 0.9, 10))
    return Result(MACHINE, (judged, *rows[1:]), "movenet:lightning", "lsp, 10 people", ("oh",))


def test_a_table_per_clip_one_of_stills_and_one_of_costs(result):
    clip, stills, costs = tables(result)
    assert clip.title == "Tracking squat.mp4"
    assert clip.rows[0] == (
        *("blazepose:lite", "250", "4.00", "4.00", "4.00"),
        *("10", "1.00", "50.0"),
    )
    assert clip.rows[2][1:5] == ("-", "-", "-", "-")
    assert stills.rows[0] == ("blazepose:lite", "81.2", "90.0", "12.0", "12.0", "2.00")
    assert costs.rows[0] == ("blazepose:lite", "0.50", "80", "5")
    assert all(len(row) == len(table.head) for table in tables(result) for row in table.rows)


def test_without_stills_their_table_is_left_out(result):
    assert len(tables(replace(result, data=None))) == 2


def test_markdown_names_the_machine_the_reference_and_the_problems(result):
    text = markdown(result)
    assert "AMD EPYC, 2 cores, 4 threads, 25 GB, Linux-6.1; Python 3.11.7, blazepose 1." in text
    assert "| blazepose:lite | 250 | 4.00 |" in text
    assert "as fast as movenet:lightning" in text
    assert "- oh" in text
    assert "busy" not in text
    busy = replace(result, machine=replace(MACHINE, load=9.0))
    assert "was busy when it began (load 9.0)" in markdown(busy)


def test_the_files_are_written(result, tmp_path):
    files = write_result(tmp_path / "out", result)
    assert [file.name for file in files] == ["bench.json", "bench.md", "bench.png"]
    content = json.loads(files[0].read_text())
    assert content["machine"]["processor"] == "AMD EPYC"
    first = content["systems"][0]
    assert (first["system"], first["clips"][0]["times"]) == ("blazepose:lite", 4.0)
    assert first["accuracy"] == {"measure": "pck@0.2", "share": 0.8125, "found": 0.9, "people": 10}
    assert content["systems"][2]["clips"][0]["fps"] is None
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_the_chart_has_a_panel_more_where_stills_were_judged(result, tmp_path):
    wide = write_result(tmp_path / "a", result)[2]
    unjudged = replace(result.figures[0], accuracy=None)
    narrow = write_result(tmp_path / "b", replace(result, figures=(unjudged,)))[2]
    assert cv2.imread(str(wide)).shape[1] > 1.5 * cv2.imread(str(narrow)).shape[1]
