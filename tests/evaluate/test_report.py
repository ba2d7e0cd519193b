import base64
import io
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from labelled import TORSO, off, photos, scored
from PIL import Image

from blazepose.errors import MissingExtraError, OutputError, SourceError
from blazepose.evaluate import write_report
from blazepose.skeleton import COCO17


class Page(HTMLParser):
    """Words and pictures of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags, self.images, self.words = [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href"):
                kind, content = value.split(";base64,")
                self.images.append((kind, base64.b64decode(content)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def goal(tmp_path: Path) -> Path:
    return tmp_path / "report.html"


def test_the_page_has_numbers_charts_and_pictures_and_needs_nothing_else(tmp_path, goal):
    poses = [off(0), None, off(0.3 * TORSO, joints=["left_knee"])]
    write_report(goal, [scored(photos(tmp_path, 3), poses)])
    page = Page(goal)
    assert "made on hand" in page.text
    assert "3 people in 3 images, 12 keypoints each" in page.text
    assert "pck@0.2 % 63.9" in page.text
    assert "b.png: nobody found" in page.text
    assert "c.png: 11 of 12 right; wrong: left knee" in page.text
    assert "script" not in page.tags
    assert "link" not in page.tags
    kinds = [kind for kind, _ in page.images]
    assert kinds == ["data:image/svg+xml"] * 2 + ["data:image/jpeg"] * 6
    for kind, content in page.images:
        if "svg" in kind:
            ElementTree.fromstring(content)
        else:
            assert Image.open(io.BytesIO(content)).size == (646, 320)


def test_models_are_shown_beside_each_other(tmp_path, goal):
    samples = photos(tmp_path, 2)
    write_report(goal, [scored(samples, [off(0)] * 2), scored(samples, [off(0), None])])
    page = Page(goal)
    assert "pck@0.2 % 100.0 50.0" in page.text
    assert page.text.count("Where it fails") == 2


def test_what_was_left_out_is_told(tmp_path, goal):
    samples = photos(tmp_path, 3, skeleton=COCO17)
    samples[0].image.write_bytes(b"?")
    samples[1].visible[COCO17.index("right_hip")] = 0
    write_report(goal, [scored(samples, [off(0)] * 3)])
    text = Page(goal).text
    assert "a.png is not an image" in text
    assert "1 people without a labelled torso have no PCK" in text


def test_names_cannot_break_the_page(tmp_path, goal):
    samples = photos(tmp_path, 1)
    scores = scored(samples, [off(0)])
    write_report(goal, [replace(scores, subject=replace(scores.subject, dataset="<i>&amp;"))])
    page = Page(goal)
    assert "made on <i>&amp;" in page.text
    assert page.tags.count("i") == 12  # the bars


def test_an_image_that_is_gone_leaves_the_rest(tmp_path, goal):
    samples = photos(tmp_path, 2)
    scores = scored(samples, [off(0), off(0)])
    samples[0].image.unlink()
    write_report(goal, [scores])
    page = Page(goal)
    assert "no such file" in page.text
    assert len(page.images) == 2 + 2


def test_labels_without_a_torso_are_an_error(tmp_path, goal):
    samples = photos(tmp_path, 1)
    samples[0].visible[2] = 0
    with pytest.raises(SourceError, match="left shoulder and right hip"):
        write_report(goal, [scored(samples, [off(0)])])


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        write_report(tmp_path / "no" / "page.html", [scored(photos(tmp_path, 1), [off(0)])])


def test_a_missing_matplotlib_says_which_extra_brings_it(tmp_path, goal, monkeypatch):
    monkeypatch.setattr("blazepose.evaluate.charts.can_plot", lambda: False)
    with pytest.raises(MissingExtraError, match=r"pip install 'blazepose\[plot\]'"):
        write_report(goal, [scored(photos(tmp_path, 1), [off(0)])])
    assert not goal.exists()
