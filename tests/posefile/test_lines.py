"""poses.jsonl, written and read back."""

import json
from pathlib import Path

import numpy as np
import pytest

from blazepose.errors import SourceError
from blazepose.pose import Frame, Pose, Roi
from blazepose.posefile import PoseFileHeader, PoseFrame, open_pose_files, read_poses
from blazepose.skeleton import COCO17, Skeleton

CLIP = PoseFileHeader("full", "squat.mp4", 640, 480, 30.0)


def pose(seed: int = 0, **changes) -> Pose:
    rng = np.random.default_rng(seed)
    values = {
        "points": rng.uniform(-50, 700, (33, 3)).astype(np.float32),
        "world": rng.uniform(-1, 1, (33, 3)).astype(np.float32),
        "visibility": rng.uniform(0, 1, 33).astype(np.float32),
        "presence": rng.uniform(0, 1, 33).astype(np.float32),
        "score": 0.98765,
        "roi": Roi((320.0, 240.0), 400.0),
        "id": seed,
    }
    return Pose(**{**values, **changes})


def frame(index: int = 0, *, size: tuple[int, int] = (640, 480), source: str = "") -> Frame:
    image = np.zeros((size[1], size[0], 3), np.uint8)
    return Frame(image, index / 30, index, source)


def write(folder: Path, *people: list[Pose], header: PoseFileHeader = CLIP) -> Path:
    """A file with a frame per list of people."""
    with open_pose_files(folder / "poses", header) as writer:
        for index, poses in enumerate(people):
            writer.write(frame(index), poses)
    return folder / "poses.jsonl"


def read(path: Path) -> list[PoseFrame]:
    return list(read_poses(path)[1])


def test_the_lines_have_the_keys_of_the_contract(tmp_path):
    lines = write(tmp_path, [pose(7)]).read_text().splitlines()
    header, line = map(json.loads, lines)
    assert list(header) == ["blazepose", "model", "source", "width", "height", "fps", "skeleton"]
    assert (header["model"], header["width"], header["skeleton"]) == ("full", 640, "blazepose33")
    assert list(line) == ["frame", "time_s", "people"]
    person = line["people"][0]
    assert list(person) == ["id", "score", "points", "world"]
    assert np.shape(person["points"]) == (33, 5)
    assert np.shape(person["world"]) == (33, 3)


def test_what_is_written_is_read_within_the_rounding(tmp_path):
    written = [pose(0), pose(1)]
    header, frames = read_poses(write(tmp_path, written, []))
    assert header == CLIP
    first, second = frames
    assert (second.index, second.time_s, second.people) == (1, pytest.approx(1 / 30, abs=1e-6), [])
    assert (first.width, first.height, first.file) == (640, 480, "")
    for got, sent in zip(first.people, written, strict=True):
        assert (got.id, got.skeleton.name) == (sent.id, "blazepose33")
        assert got.score == pytest.approx(sent.score, abs=5.1e-5)
        np.testing.assert_allclose(got.points, sent.points, atol=0.0051)
        np.testing.assert_allclose(got.world, sent.world, atol=5.1e-5)
        np.testing.assert_allclose(got.visibility, sent.visibility, atol=5.1e-5)
        np.testing.assert_allclose(got.presence, sent.presence, atol=5.1e-5)


def test_what_is_read_and_written_again_is_the_same_to_the_byte(tmp_path):
    path = write(tmp_path, [pose(3)], [])
    again = write(tmp_path / "again", *(f.people for f in read(path)))
    assert again.read_bytes() == path.read_bytes()


def test_a_frame_without_people_has_its_line(tmp_path):
    assert [f.people for f in read(write(tmp_path, [], [], []))] == [[], [], []]


def test_empty_lines_as_editors_leave_them_are_no_frames(tmp_path):
    path = write(tmp_path, [pose(3)], [])
    path.write_bytes(path.read_bytes() + b"\n\r\n")
    assert len(read(path)) == 2


def test_numbers_that_are_not_finite_stay_valid_json_and_come_back_as_nan(tmp_path):
    world = np.full((33, 3), np.nan, np.float32)
    points = pose().points.copy()
    points[4, 0] = np.inf
    path = write(tmp_path, [pose(points=points, world=world, score=float("nan"))])
    json.loads(path.read_text().splitlines()[1], parse_constant=pytest.fail)
    (person,) = read(path)[0].people
    assert np.isnan(person.world).all()
    assert np.isnan(person.score)
    np.testing.assert_array_equal(np.argwhere(np.isnan(person.points)), [[4, 0]])


def test_another_skeleton_comes_back_with_its_names(tmp_path):
    header = PoseFileHeader("full", "squat.mp4", 640, 480, 30.0, skeleton=COCO17)
    path = write(tmp_path, [pose().to("coco17")], header=header)
    assert read_poses(path)[0].skeleton == COCO17
    assert read(path)[0].people[0].points.shape == (17, 3)


def test_a_skeleton_of_somebodys_own_comes_back_whole(tmp_path):
    own = Skeleton("own2", ("nose", "left_wrist"), ((0, 1),))
    header = PoseFileHeader("mine.onnx", "squat.mp4", 640, 480, 30.0, skeleton=own)
    path = write(tmp_path, [pose().to(own)], header=header)
    assert read_poses(path)[0].skeleton == own
    assert read(path)[0].people[0].points.shape == (2, 3)


def test_a_read_pose_has_the_square_around_its_points_as_roi(tmp_path):
    points = np.full((33, 3), (100, 200, 0), np.float32)
    points[0, :2] = 120, 280
    (person,) = read(write(tmp_path, [pose(points=points)]))[0].people
    assert person.roi == Roi((110.0, 240.0), 80.0)


def test_a_pose_without_any_known_point_is_read(tmp_path):
    points = np.full((33, 3), np.nan, np.float32)
    (person,) = read(write(tmp_path, [pose(points=points)]))[0].people
    assert person.roi.size == 0


def test_each_line_of_an_album_says_its_photo(tmp_path):
    header = PoseFileHeader("full", "photos", None, None, None)
    with open_pose_files(tmp_path / "poses", header) as writer:
        writer.write(frame(0, size=(40, 30), source="photos/a.jpg"), [pose()])
        writer.write(frame(1, size=(20, 60), source=str(tmp_path / "é.jpg")), [])
    header, frames = read_poses(tmp_path / "poses.jsonl")
    assert header.album
    assert [(f.file, f.width, f.height) for f in frames] == [
        *(("photos/a.jpg", 40, 30), ("é.jpg", 20, 60)),
    ]


def test_a_part_file_is_read_up_to_where_it_ends(tmp_path, caplog):
    path = write(tmp_path, [pose(0)], [pose(1)])
    part = tmp_path / "poses.jsonl.part"
    part.write_bytes(path.read_bytes()[:-100])
    assert [f.index for f in read(part)] == [0]
    assert "ends within line 3" in caplog.text


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('{"frame":1', "{", "Expecting"),
        ('"time_s"', '"time"', "no 'time_s'"),
        ('"world":[[', '"world":[[1.0],[', "inhomogeneous"),
        ('"world":[[', '"world":[[0.0,0.0,0.0],[', r"shape \(33, 3\) expected, got \(34, 3\)"),
        ('"frame":1', '"frame":"one"', "invalid literal"),
        ('"frame":1', '"frame":Infinity', "infinity"),
    ],
)
def test_a_damaged_line_is_named(tmp_path, old, new, reason):
    path = write(tmp_path, [pose(0)], [pose(1)])
    head, first, second = path.read_text().splitlines()
    path.write_text("\n".join((head, first, second.replace(old, new))) + "\n")
    frames = read_poses(path)[1]
    assert next(frames).index == 0
    with pytest.raises(SourceError, match=f"line 3 is damaged .*{reason}"):
        next(frames)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"[1, 2]\n", b"{}\n", b'{"blazepose": "0.1"}\n', b"text\n"]
)
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    (tmp_path / "poses.jsonl").write_bytes(content)
    with pytest.raises(SourceError, match="is no poses file"):
        read_poses(tmp_path / "poses.jsonl")


def test_an_unknown_skeleton_is_told_with_near_matches(tmp_path):
    path = write(tmp_path, [])
    path.write_text(path.read_text().replace("blazepose33", "blazepose32"))
    with pytest.raises(SourceError, match="did you mean 'blazepose33'"):
        read_poses(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(SourceError, match="cannot read"):
        read_poses(tmp_path / "gone.jsonl")
