import json
from dataclasses import replace

import numpy as np
import pytest

from blazepose.skeleton import COCO17, LSP14
from blazepose.survey import Finding, survey

SIZES = np.array([[40, 30], [60, 50], [80, 20]], np.float32)
KNEE = LSP14.index("left_knee")


@pytest.fixture
def people(person):
    """A full label, one with a hidden knee, one without knee."""
    hidden, without = person.visible.copy(), person.visible.copy()
    hidden[KNEE], without[KNEE] = 1, 0
    return [person, replace(person, visible=hidden), replace(person, visible=without)]


def test_people_and_keypoints_are_counted(people):
    result = survey(people, sizes_wh=SIZES)
    assert (result.people, result.images, result.boxed, result.alignable) == (3, 1, 0, 3)
    assert result.labelled == {13: 1, 14: 2}
    knee = result.keypoints[KNEE]
    assert (knee.name, knee.visible, knee.hidden, knee.unlabelled) == ("left_knee", 1, 1, 1)


def test_image_sizes_leave_out_what_does_not_open(people):
    sizes = SIZES.copy()
    sizes[2] = np.nan
    assert survey(people, sizes_wh=sizes).image_sizes == {
        "smallest": (40, 30),
        "median": (50, 40),
        "largest": (60, 50),
    }
    assert survey(people, sizes_wh=np.full((3, 2), np.nan)).image_sizes is None


def test_skeletons_are_counted_apart(people):
    other = replace(
        people[0],
        points=np.zeros((17, 2), np.float32),
        visible=np.ones(17, np.uint8),
        skeleton=COCO17,
    )
    result = survey([*people, other], sizes_wh=SIZES[[0, 1, 2, 2]])
    assert result.skeletons == ("lsp14", "coco17")
    assert [row.hidden for row in result.keypoints if row.name == "left_knee"] == [1, 1]


def test_findings_are_counted_by_kind_and_person(people):
    knee = Finding(1, "limb", "left_knee: too long", "label dropped", joint="left_knee")
    swap = Finding(2, "swap", "left and right exchanged", "sides swapped")
    result = survey(people, sizes_wh=SIZES, findings=[knee, knee, swap])
    assert result.suspicious == {"limb": (2, 1), "swap": (1, 1)}


def test_it_becomes_json_with_people_numbered_as_in_the_data_set(people):
    swap = Finding(2, "swap", "left and right exchanged", "sides swapped")
    result = survey(people, sizes_wh=SIZES, findings=[swap], broken=["a.txt, line 3: oops"])
    plain = json.loads(json.dumps(result.to_json(people, first=1001)))
    assert plain["findings"] == [
        {
            "person": 1003,
            "image": "person.jpg",
            "kind": "swap",
            "reason": "left and right exchanged",
            "done": "sides swapped",
            "joint": None,
        }
    ]
    assert plain["broken"] == ["a.txt, line 3: oops"]
    assert plain["keypoints"][KNEE]["hidden"] == 1
