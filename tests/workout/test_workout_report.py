import base64
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blazepose.video import VideoWriter
from blazepose.workout import Request, Workout, replay, write_report
from motion import Camera, Plan, exercise, film, plank, write


class Page(HTMLParser):
    """The cells of each table of a page, and its other words."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self._cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        self._cell = tag in ("td", "th")
        if self._cell:
            self.tables[-1][-1].append("")

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.tables[-1][-1][-1] += data
        self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._cell = False

    @property
    def text(self) -> str:
        return " ".join(self.words)


def _written(workout: Workout, folder: Path) -> tuple[dict, str]:
    paths = write_report(workout, folder)
    assert [path.name for path in paths] == ["report.json", "report.html"]
    content, page = (path.read_text(encoding="utf-8") for path in paths)
    return json.loads(content), page


def test_the_numbers_of_the_page_are_those_of_the_json(tmp_path: Path, squats: Workout) -> None:
    report, html = _written(squats, tmp_path)
    page = Page(html)
    assert (report["exercise"], report["repetitions"], report["partial"]) == ("squat", 2, 1)
    assert "Squat: 2 repetitions" in page.text
    head, *rows = page.tables[0]
    assert len(rows) == 2
    for row, rep in zip(rows, report["reps"], strict=True):
        cells = dict(zip(head, row, strict=True))
        assert float(cells["from, s"]) == pytest.approx(rep["start_s"], abs=0.006)
        assert float(cells["knee at depth, °"]) == pytest.approx(rep["depth_deg"], abs=0.51)
        assert float(cells["down, s"]) == pytest.approx(rep["down_s"], abs=0.006)
        assert float(cells["left - right, °"]) == pytest.approx(rep["difference_deg"], abs=0.51)


def test_the_page_asks_nobody_for_anything(tmp_path: Path, squats: Workout) -> None:
    _, html = _written(squats, tmp_path)
    assert not re.search(r"https?://|//cdn|@import|<script|<link", html)
    assert set(re.findall(r'src="(.{5})', html)) == {"data:"}


def test_best_and_worst_have_pictures_that_are_named(tmp_path: Path, squats: Workout) -> None:
    _, html = _written(squats, tmp_path)
    assert html.count("data:image/jpeg") == 2
    assert "Best: repetition 1" in html
    assert "Worst: repetition 2" in html


def test_remarks_have_their_bound_with_its_unit_the_time_and_the_confidence(
    tmp_path: Path,
) -> None:
    frames = exercise("squat", Plan((0.68, 0.68)), camera=Camera(20))
    workout = replay(write(tmp_path / "poses.jsonl", frames), Request("squat"))
    report, html = _written(workout, tmp_path)
    (remark, *_) = report["reps"][0]["remarks"]
    assert (remark["name"], remark["unit"], remark["threshold"]) == ("short range", "deg", 110)
    (row, *_) = Page(html).tables[1][1:]
    assert row[0:3] == ["1", "short range", remark["text"]]
    assert row[4] == "at most 110°"
    assert float(row[5]) == pytest.approx(remark["time_s"], abs=0.006)
    assert float(row[6]) == pytest.approx(remark["confidence"], abs=0.006)


def test_a_hold_is_told_in_seconds(tmp_path: Path) -> None:
    frames = film(plank, 6, camera=Camera(90), fps=10)
    workout = replay(write(tmp_path / "poses.jsonl", frames), Request("plank"))
    report, html = _written(workout, tmp_path)
    assert report["hold_s"] == pytest.approx(5.9, abs=0.2)
    assert f"Plank: {report['hold_s']:.1f} s held" in Page(html).text


@pytest.mark.parametrize("exercise_name", ["squat", "auto"])
def test_a_clip_with_nobody_is_reported_as_such(tmp_path: Path, exercise_name: str) -> None:
    empty = [(index / 10, None) for index in range(20)]
    workout = replay(write(tmp_path / "poses.jsonl", empty), Request(exercise_name))
    report, html = _written(workout, tmp_path)
    assert (report["repetitions"], report["people"]) == (0, [])
    assert "Nobody was found in the clip" in Page(html).text


def test_who_is_half_in_the_frame_is_told_what_cannot_be_seen(tmp_path: Path) -> None:
    frames = exercise("squat", Plan((1, 1)), camera=Camera(20))
    for _, pose in frames:
        assert pose
        pose.visibility[25:] = 0.05
    for name in ("squat", "auto"):
        workout = replay(write(tmp_path / "poses.jsonl", frames), Request(name))
        _, html = _written(workout, tmp_path)
        assert "cannot see the knees" in Page(html).text.lower()


def test_names_from_outside_are_not_taken_for_html(tmp_path: Path, squats: Workout) -> None:
    _, html = _written(replace(squats, name="<script>a</script>", problem="<b>"), tmp_path)
    assert "<script" not in html
    assert "<b>." not in html


def test_points_that_are_nowhere_do_not_stop_the_report(tmp_path: Path) -> None:
    frames = exercise("squat", Plan((1, 1)), camera=Camera(20))
    for index, (_, pose) in enumerate(frames):
        if pose and index % 7 == 0:
            pose.points[:] = np.nan
            pose.world[:] = np.nan
    workout = replay(write(tmp_path / "poses.jsonl", frames), Request("squat"))
    report, _ = _written(workout, tmp_path)
    assert report["repetitions"] == 2


def test_pictures_come_from_a_clip_that_lies_beside_the_poses(tmp_path: Path) -> None:
    frames = exercise("squat", Plan((1, 1)), camera=Camera(20))
    poses = write(tmp_path / "poses.jsonl", frames)
    assert replay(poses, Request("squat")).source is None
    with VideoWriter(tmp_path / "made.mp4", width=1280, height=720, fps=30) as clip:
        for time_s, _ in frames:
            clip.write(np.full((720, 1280, 3), (200, 40, 40), np.uint8), time_s)
    workout = replay(poses, Request("squat"))
    assert workout.source == tmp_path / "made.mp4"
    _, html = _written(workout, tmp_path)
    jpeg = base64.b64decode(re.findall(r"data:image/jpeg;base64,([^\"]+)", html)[0])
    picture = np.asarray(Image.open(io.BytesIO(jpeg)), int)
    assert np.abs(np.median(picture, axis=(0, 1)) - [200, 40, 40]).max() < 12
