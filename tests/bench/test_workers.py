"""What the workers of other systems make of their networks' answers, on numbers set by hand."""

import importlib
import sys
from types import ModuleType

import numpy as np
import pytest

from blazepose.bench.prepare import WORKERS
from blazepose.posefile import read_poses
from blazepose.video import write_image


@pytest.fixture
def load(monkeypatch):
    """Imports a worker as its script does: with its neighbours on the path."""
    monkeypatch.syspath_prepend(str(WORKERS))
    neighbours = {path.stem for path in WORKERS.glob("*.py")}

    def load_worker(name: str) -> ModuleType:
        return importlib.import_module(name)

    yield load_worker
    for name in neighbours & set(sys.modules):
        del sys.modules[name]


def upright(score: float = 0.9) -> np.ndarray:
    """A person with mid-hip at (200, 240), shoulders 80 px above, a wrist 120 px to the side."""
    points = np.tile([200.0, 240.0, score], (17, 1))
    points[[5, 6], 1] = 160
    points[9, 0] = 320
    return points


def test_movenet_looks_next_where_the_body_is(load):
    left, top, side = load("movenet").next_region(upright(), 400, 480)
    # 1.9 times the torso (80 px) is more than 1.2 times the reach of the wrist (120 px).
    assert (left, top, side) == pytest.approx((200 - 152, 240 - 152, 304))


def test_movenet_looks_at_everything_when_the_trunk_is_not_seen(load):
    points = upright()
    points[[5, 6], 2] = 0.1
    assert load("movenet").next_region(points, 400, 480) == (-40, 0, 480)


def test_movenet_never_looks_wider_than_the_image(load):
    points = upright()
    points[9, 0] = 900
    assert load("movenet").next_region(points, 400, 480) == (-40, 0, 480)


def test_posenet_adds_the_offset_to_the_surest_cell(load):
    heatmaps, offsets = np.full((5, 4, 17), -9.0), np.zeros((5, 4, 34))
    heatmaps[3, 2, 7] = 0.0
    offsets[3, 2, 7], offsets[3, 2, 17 + 7] = -5.0, 4.0
    assert load("posenet").decode(heatmaps, offsets)[7] == pytest.approx([36, 43, 0.5])


def test_openpose_takes_the_peak_and_leaves_the_neck_out(load):
    maps = np.zeros((19, 8, 6), np.float32)
    maps[1] = 9.0  # the neck, which the 17 points do not have
    maps[5, 2, 4] = 1.0  # its left shoulder
    x, y, score = load("openpose").decode(maps)[5]
    assert (x, y) == pytest.approx((4.5 / 6, 2.5 / 8), abs=0.03)
    assert score == pytest.approx(1.0, abs=0.2)


def test_a_crop_puts_a_white_pixel_where_it_belongs(load):
    image = np.zeros((40, 60, 3), np.uint8)
    image[10:12, 30:32] = 255
    patch = load("graph").crop(image, (20.0, 0.0, 40.0), 20)
    assert patch[5, 5].tolist() == [255] * 3
    assert patch.sum() == 3 * 255


def test_numbers_that_are_not_known_are_null(load):
    (row,) = load("serve").person(np.array([[1.0, 2.0]]), 0.5)
    assert row["points"] == [[1.0, 2.0, None, 0.5, 0.5]]
    assert row["world"] == [[None, None, None]]


def test_a_users_command_is_run_on_a_folder_of_images(load, tmp_path):
    """Its program says where it saw which image."""
    program = tmp_path / "program.py"
    program.write_text(
        "import sys; from pathlib import Path\n"
        f"sys.path.insert(0, {str(WORKERS)!r})\n"
        "import numpy as np; from serve import header, line, person\n"
        "source, out = map(Path, sys.argv[1:])\n"
        "names = sorted(source.iterdir())\n"
        "rows = [line(i, (9, 9), person(np.full((17, 2), i), 1)) for i, _ in enumerate(names)]\n"
        "out.write_text(header('m', 'coco17') + ''.join(rows))\n"
    )
    images = [tmp_path / "a b.png", tmp_path / "c.png"]
    for image in images:
        write_image(image, np.zeros((9, 9, 3), np.uint8))
    command = load("command").Command(f'"{sys.executable}" "{program}" {{source}} {{out}}')
    out = tmp_path / "out.jsonl"
    answer = command.images([str(image) for image in images], str(out))
    assert len(answer["ns"]) == 2
    assert answer["ns"][0] == answer["ns"][1] > 0
    frames = list(read_poses(out)[1])
    assert [frame.people[0].points[0, 0] for frame in frames] == [0, 1]


def test_every_worker_can_be_read_by_the_oldest_python_of_a_peer():
    """No syntax newer than 3.10, which MediaPipe's older wheels have."""
    import ast

    for path in WORKERS.glob("*.py"):
        ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 10))


def test_files_are_followed_and_frames_in_memory_only_where_a_system_looks_ahead(load, tmp_path):
    class Follows:
        looks_ahead = False

        def __init__(self):
            self.tracked, self.followed = 0, 0

        def reset(self):
            pass

        def frames(self, clip):
            return iter(np.zeros((4, 8, 8, 3), np.uint8))

        def track(self, image):
            self.tracked += 1

        def follow(self, frames):
            for _ in frames:
                self.followed += 1
                yield True

        def anybody(self, found):
            return bool(found)

    system = Follows()
    answers = load("serve").Answers(system)
    assert answers.file("clip")["found"] == 4
    assert (system.tracked, system.followed) == (0, 8)
    np.save(tmp_path / "frames.npy", np.zeros((12, 8, 8, 3), np.uint8))
    assert answers.track(str(tmp_path / "frames.npy"))["found"] == 0
    assert (system.tracked, system.followed) == (24, 8)
    system.looks_ahead = True
    assert len(answers.track(str(tmp_path / "frames.npy"))["ns"]) == 12
    assert (system.tracked, system.followed) == (24, 32)
