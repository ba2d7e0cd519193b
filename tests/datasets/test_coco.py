import json
from pathlib import Path
from typing import Any

import pytest

from blazepose.datasets import HIDDEN, UNLABELLED, VISIBLE, read_coco
from blazepose.errors import SourceError
from blazepose.skeleton import COCO17

PERSON = {"id": 7, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]}
NOSE_AND_EYE = [50, 60, 2, 51.5, 58, 1] + 15 * [0, 0, 0]


def content(*annotations: dict[str, Any], names=COCO17.names, **category: Any) -> dict[str, Any]:
    return {
        "images": [{"id": 1, "file_name": "a.png", "width": 200, "height": 100}],
        "categories": [{"id": 1, "name": "person", "keypoints": list(names), **category}],
        "annotations": [{**PERSON, "keypoints": NOSE_AND_EYE, **one} for one in annotations],
    }


@pytest.fixture
def write(tmp_path: Path, photo):
    photo(tmp_path / "a.png")

    def to_file(value: Any) -> Path:
        (tmp_path / "labels.json").write_text(json.dumps(value))
        return tmp_path / "labels.json"

    return to_file


def test_a_person_has_points_codes_and_box_in_corners(write, tmp_path):
    (sample,) = read_coco(write(content({})))
    assert sample.image == tmp_path / "a.png"
    assert sample.points[:2].tolist() == [[50, 60], [51.5, 58]]
    assert sample.visible[:3].tolist() == [VISIBLE, HIDDEN, UNLABELLED]
    assert sample.box_xyxy is not None
    assert sample.box_xyxy.tolist() == [10, 20, 40, 60]
    assert sample.skeleton is COCO17


def test_crowds_and_people_without_keypoints_are_boxes_alone(write):
    boxes = ({"iscrowd": 1}, {"keypoints": [0] * 51}, {"keypoints": None})
    samples = read_coco(write(content(*boxes, {"category_id": 2}, {"bbox": [], "keypoints": []})))
    assert len(samples) == 3
    for sample in samples:
        assert not sample.labelled.any()
        assert sample.box_xyxy is not None
        assert sample.box_xyxy.tolist() == [10, 20, 40, 60]


def test_images_are_found_by_any_of_those_with_people(write, tmp_path):
    several = content({"image_id": 0}, {})
    several["images"].insert(0, {"id": 0, "file_name": "missing.png"})
    samples = read_coco(write(several))
    assert samples[1].image == tmp_path / "a.png"


def test_sides_are_told_from_usual_spellings(write):
    names = ("leftShoulder", "rightShoulder", "L_Hip", "R_Hip", "l")
    (sample,) = read_coco(write(content({"keypoints": [1, 2, 2] * 5}, names=names)))
    assert sample.skeleton.names == (
        *("left_shoulder", "right_shoulder", "left_hip", "right_hip", "l"),
    )
    assert sample.skeleton.mirror.tolist() == [1, 0, 3, 2, 4]


def test_the_skeleton_is_the_category_s_own(write):
    own = content(
        {"keypoints": [1, 2, 2, 3, 4, 2, 5, 6, 2]},
        names=("Left Ear", "Right Ear", "tail"),
        name="cat",
        skeleton=[[1, 3], [2, 3]],
    )
    (sample,) = read_coco(write(own))
    assert sample.skeleton.name == "cat"
    assert sample.skeleton.names == ("left_ear", "right_ear", "tail")
    assert sample.skeleton.edges == ((0, 2), (1, 2))
    assert sample.skeleton.mirror.tolist() == [1, 0, 2]


def test_the_official_layout_is_found_by_the_part_s_name(tmp_path, photo):
    photo(tmp_path / "val2017" / "a.png")
    (tmp_path / "annotations").mkdir()
    file = tmp_path / "annotations" / "person_keypoints_val2017.json"
    file.write_text(json.dumps(content({})))
    for path in (file, tmp_path):
        assert read_coco(path)[0].image == tmp_path / "val2017" / "a.png"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keypoints": [1, 2, 2]}, "annotation 7: expected 17 keypoints, got 3 numbers"),
        ({"image_id": 9}, "annotation 7: expected a listed image, got 9"),
        ({"keypoints": [1, 2, 5, *NOSE_AND_EYE[3:]]}, "annotation 7: expected visibility 0, 1 or"),
        ({"keypoints": ["x", *NOSE_AND_EYE[1:]]}, "annotation 7: expected numbers"),
        ({"keypoints": [None, *NOSE_AND_EYE[1:]]}, "annotation 7: .* got none for nose"),
        ({"bbox": [1, 2, 3]}, "annotation 7: expected a box of 4 numbers, got 3"),
        ({"bbox": [1, 2, float("nan"), 4]}, "annotation 7: expected a finite box"),
    ],
)
def test_a_broken_annotation_stops_or_is_told_and_left_out(write, change, message):
    file = write(content(change, {"id": 8}))
    with pytest.raises(SourceError, match=message):
        read_coco(file)
    problems: list[SourceError] = []
    samples = read_coco(file, on_broken=problems.append)
    assert [str(problem) for problem in problems]
    assert len(problems) == 1
    assert samples[-1].labelled.sum() == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected JSON, got Expecting value: line 1"),
        ('{"images": [],\n oops}', "line 2 column 2"),
        ("[]", "without 'images'"),
        ('{"images": [], "annotations": [], "categories": []}', "a category with 'keypoints'"),
        (
            '{"images": null, "annotations": [], "categories": []}',
            "as COCO has them, got TypeError",
        ),
        ('{"images": [{}], "annotations": [], "categories": []}', "got KeyError: 'id'"),
        ('{"images": [], "annotations": ["x"], "categories": []}', "as COCO has them, got "),
    ],
)
def test_another_file_is_an_error(tmp_path, text, message):
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(SourceError, match=message):
        read_coco(tmp_path / "labels.json")


def test_a_folder_with_several_files_asks_for_one(tmp_path):
    for name in ("train.json", "val.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(SourceError, match=r"got train\.json, val\.json: name the file"):
        read_coco(tmp_path)


def test_images_that_are_nowhere_are_an_error(tmp_path, write):
    file = write(content({}))
    (tmp_path / "a.png").unlink()
    with pytest.raises(SourceError, match=r"expected its image a\.png in one of"):
        read_coco(file)


def test_bones_between_keypoints_that_are_not_there_are_an_error(write):
    with pytest.raises(SourceError, match="bones between 1 and 2"):
        read_coco(write(content({}, names=("nose", "tail"), skeleton=[[1, 3]])))
