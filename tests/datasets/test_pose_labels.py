import csv
from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import HIDDEN, UNLABELLED, VISIBLE, read_pose_labels
from blazepose.errors import SourceError
from blazepose.pose import Frame
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.skeleton import BLAZEPOSE33
from standing import standing_pose

WRIST = BLAZEPOSE33.index("left_wrist")


@pytest.fixture
def album(tmp_path: Path, photo) -> Path:
    """Two tracked photos with one and two people, as CSV and jsonl beside them."""
    header = PoseFileHeader("full", "2 photos", width=None, height=None, fps=None)
    people = {"a.png": [standing_pose()], "b.png": [standing_pose(), standing_pose(person_id=1)]}
    image = np.zeros((100, 200, 3), np.uint8)
    with open_pose_files(tmp_path / "poses", header, formats=("csv", "jsonl")) as writer:
        for index, (name, poses) in enumerate(people.items()):
            photo(tmp_path / name)
            writer.write(Frame(image, index=index, source=str(tmp_path / name)), poses)
    return tmp_path


def corrected(folder: Path, row: int, **cells: str) -> Path:
    """The table with cells of a row (from 0) changed; None leaves the column out."""
    with (folder / "poses.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rows[row] |= cells
    with (folder / "poses.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder


@pytest.mark.parametrize("name", ["poses.csv", "poses.jsonl", ""])
def test_what_track_wrote_is_read_as_labels(album, name):
    samples = read_pose_labels(album / name)
    assert [sample.image.name for sample in samples] == ["a.png", "b.png", "b.png"]
    np.testing.assert_allclose(samples[0].points, standing_pose().points[:, :2], atol=0.01)
    assert samples[0].skeleton is BLAZEPOSE33
    assert (samples[0].visible == VISIBLE).all()


def test_a_position_corrected_by_hand_is_taken(album):
    (sample, *_) = read_pose_labels(corrected(album, WRIST, x="12.5", y="30"))
    assert sample.points[WRIST].tolist() == [12.5, 30]


def test_a_slip_in_a_keypoints_name_is_told(album):
    with pytest.raises(SourceError, match=r"unknown keypoint 'left_eyee': did you mean 'left_eye'"):
        read_pose_labels(corrected(album, 2, keypoint="left_eyee"))


def test_a_table_of_a_spreadsheet_with_decimal_commas_is_taken(album):
    file = corrected(album, WRIST, x="12.5", y="30") / "poses.csv"
    expected = read_pose_labels(file)
    file.write_text(file.read_text().replace(",", ";").replace(".", ",").replace(",png", ".png"))
    for sample, other in zip(read_pose_labels(file), expected, strict=True):
        np.testing.assert_array_equal(sample.points, other.points)
        np.testing.assert_array_equal(sample.visible, other.visible)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"x": "", "y": ""}, UNLABELLED),
        ({"presence": "0.2", "visibility": "0.2"}, UNLABELLED),
        ({"visibility": "0.2"}, HIDDEN),
        ({"visibility": "", "presence": ""}, VISIBLE),
    ],
)
def test_doubt_becomes_a_code(album, cells, code):
    (sample, *_) = read_pose_labels(corrected(album, WRIST, **cells))
    assert sample.visible[WRIST] == code
    assert (np.delete(sample.visible, WRIST) == VISIBLE).all()


def test_a_cell_that_is_no_number_stops_or_is_told_and_left_out(album):
    corrected(album, WRIST, x="1O")
    with pytest.raises(SourceError, match=rf"poses\.csv, line {WRIST + 2}: expected numbers"):
        read_pose_labels(album)
    problems: list[SourceError] = []
    (sample, *_) = read_pose_labels(album, on_broken=problems.append)
    assert np.flatnonzero(~sample.labelled).tolist() == [WRIST]
    assert len(problems) == 1


def test_a_table_of_a_clip_is_an_error(tmp_path):
    (tmp_path / "poses.csv").write_text("frame,id,keypoint,x,y\n")
    with pytest.raises(SourceError, match="without the column 'file'"):
        read_pose_labels(tmp_path)


def test_painted_pictures_are_not_taken_for_photos(album):
    (album / "skeleton_3d.png").touch()
    with pytest.raises(SourceError, match="painted skeletons: move it beside the photos"):
        read_pose_labels(album)


def test_photos_that_are_not_there_are_an_error(album):
    for photo in album.glob("*.png"):
        photo.unlink()
    with pytest.raises(SourceError, match=r"expected its image a\.png"):
        read_pose_labels(album)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="cannot read"):
        read_pose_labels(tmp_path / "poses.csv")
