from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from blazepose.datasets import HIDDEN, UNLABELLED, VISIBLE, read_mpii
from blazepose.errors import SourceError
from blazepose.skeleton import MPII16

RIGHT_ANKLE, PELVIS, HEAD_TOP = (MPII16.index(n) for n in ("right_ankle", "pelvis", "head_top"))


def structs(rows: list[dict[str, Any]]) -> np.ndarray:
    """A MATLAB struct array of (1, N)."""
    array = np.zeros((1, len(rows)), [(name, object) for name in rows[0]])
    for place, row in enumerate(rows):
        array[0, place] = tuple(row.values())
    return array


def point(joint: Any, x: float, y: float, is_visible: Any = 1) -> dict[str, Any]:
    return {"x": x, "y": y, "id": joint, "is_visible": is_visible}


def person(*points: dict[str, Any]) -> dict[str, Any]:
    labelled = {"point": structs(list(points))} if points else []
    place = {"x": 100.0, "y": 50.0}
    return {"annopoints": labelled, "scale": 0.5, "objpos": place, "x1": 1, "x2": 9}


@pytest.fixture
def write(tmp_path: Path, photo):
    photo(tmp_path / "images" / "a.jpg")

    def to_file(*people: dict[str, Any]) -> Path:
        seen = {"image": {"name": "a.jpg"}, "annorect": structs(list(people))}
        empty = {"image": {"name": "b.jpg"}, "annorect": []}  # as in the test part
        annolist = structs([empty, seen])
        file = tmp_path / "mpii_human_pose_v1_u12_1.mat"
        savemat(file, {"RELEASE": {"annolist": annolist, "img_train": [0, 1]}})
        return file

    return to_file


def test_joints_are_read_by_their_number(write, tmp_path):
    file = write(person(point(6, 90.5, 60), point(0, 80, 95), point(9, 91, 10, is_visible=[])))
    for path in (file, tmp_path):
        (sample,) = read_mpii(path)
    assert sample.image == tmp_path / "images" / "a.jpg"
    joints = [RIGHT_ANKLE, PELVIS, HEAD_TOP]
    assert sample.points[joints].tolist() == [[80, 95], [90.5, 60], [91, 10]]
    assert sample.visible[joints].tolist() == [VISIBLE, VISIBLE, VISIBLE]
    assert (sample.visible == UNLABELLED).sum() == 13


@pytest.mark.parametrize("said", [0, "0"])
def test_a_joint_that_is_not_visible_is_hidden(write, said):
    (sample,) = read_mpii(write(person(point(0, 80, 95, is_visible=said))))
    assert sample.visible[RIGHT_ANKLE] == HIDDEN


def test_the_box_is_as_high_as_the_person(write):
    (sample,) = read_mpii(write(person(point(0, 80, 95))))
    assert sample.box_xyxy is not None
    assert sample.box_xyxy.tolist() == [50, 0, 150, 100]


def test_people_without_joints_are_boxes_alone_where_others_have_some(write):
    bare, whole, _ = read_mpii(write(person(), person(point(0, 80, 95)), person()))
    assert not bare.labelled.any()
    assert bare.box_xyxy is not None
    assert whole.labelled.sum() == 1
    with pytest.raises(SourceError, match="labelled people, got none"):
        read_mpii(write(person(), person()))


def test_a_joint_of_another_number_is_told_with_its_person(write):
    file = write(person(point(16, 1, 1)), person(point(0, 1, 1)))
    with pytest.raises(SourceError, match="image 2, person 1: expected joints 0 to 15, got 16"):
        read_mpii(file)
    problems: list[SourceError] = []
    assert len(read_mpii(file, on_broken=problems.append)) == 1
    assert len(problems) == 1


def test_another_matlab_file_is_an_error(tmp_path):
    savemat(tmp_path / "other.mat", {"RELEASE": np.zeros(3)})
    with pytest.raises(SourceError, match="MPII's release with labelled people"):
        read_mpii(tmp_path)
    savemat(tmp_path / "other.mat", {"joints": np.zeros(3)})
    with pytest.raises(SourceError, match="expected a MATLAB file with 'RELEASE'"):
        read_mpii(tmp_path)
