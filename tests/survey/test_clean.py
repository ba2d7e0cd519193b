from dataclasses import replace

import numpy as np
import pytest

from blazepose.datasets import UNLABELLED
from blazepose.skeleton import LSP14
from blazepose.survey import Teacher, clean

SIZE = np.array([[400, 480]], np.float32)
WRIST = LSP14.index("left_wrist")


def taught(*people, sure=1.0) -> Teacher:
    points = np.stack([person.points for person in people])
    return Teacher(points, np.full(points.shape[:2], sure, np.float32))


def moved(person, joint, shift):
    points = person.points.copy()
    points[joint] += shift
    return replace(person, points=points)


def test_a_good_label_passes_as_it_is(person):
    cleaned = clean([person], sizes_wh=SIZE, teacher=taught(person))
    assert (cleaned.findings, cleaned.kept.tolist()) == ([], [0])
    np.testing.assert_array_equal(cleaned.samples[0].points, person.points)
    np.testing.assert_array_equal(cleaned.samples[0].visible, person.visible)


def test_no_people_are_fine():
    cleaned = clean([])
    assert (cleaned.samples, cleaned.findings, len(cleaned.kept)) == ([], [], 0)


def test_a_label_outside_the_image_is_dropped(person):
    narrow = np.array([[330, 480]], np.float32)  # the left wrist is at x = 344
    cleaned = clean([person], sizes_wh=narrow)
    (finding,) = cleaned.findings
    assert (finding.kind, finding.joint, finding.done) == ("outside", "left_wrist", "label dropped")
    assert finding.reason == "left_wrist: 14 px outside"
    assert np.flatnonzero(cleaned.samples[0].visible == UNLABELLED).tolist() == [WRIST]
    assert person.labelled.all()


def test_a_label_just_over_the_edge_is_left(person):
    assert not clean([person], sizes_wh=np.array([[340, 480]], np.float32)).findings


def test_a_limb_too_long_loses_its_end(person):
    cleaned = clean([moved(person, WRIST, [0, 200])])
    (finding,) = cleaned.findings
    assert (finding.kind, finding.joint) == ("limb", "left_wrist")
    assert not cleaned.samples[0].labelled[WRIST]


def test_exchanged_sides_are_exchanged_back(person):
    wrong = replace(person, points=person.points[LSP14.mirror])
    cleaned = clean([wrong], teacher=taught(person))
    assert [finding.done for finding in cleaned.findings] == ["sides swapped"]
    np.testing.assert_array_equal(cleaned.samples[0].points, person.points)


def test_a_hidden_code_moves_with_its_side(person):
    visible = person.visible.copy()
    visible[WRIST] = 1
    wrong = replace(person, points=person.points[LSP14.mirror], visible=visible)
    (better,) = clean([wrong], teacher=taught(person)).samples
    assert better.visible[LSP14.index("right_wrist")] == 1


def test_a_label_far_off_the_teacher_is_dropped(person):
    wrong = moved(person, LSP14.index("left_shoulder"), [-150, 40])
    cleaned = clean([wrong], teacher=taught(person))
    assert "left_shoulder" in {finding.joint for finding in cleaned.findings}
    assert all(finding.kind in ("teacher", "limb") for finding in cleaned.findings)


def test_a_person_without_image_is_dropped_and_the_others_keep_their_numbers(person):
    sizes = np.array([[400, 480], [np.nan, np.nan], [400, 480]], np.float32)
    cleaned = clean([person, person, person], sizes_wh=sizes)
    assert cleaned.kept.tolist() == [0, 2]
    assert [(f.index, f.kind, f.done) for f in cleaned.findings] == [(1, "image", "person dropped")]


def test_a_person_without_labels_is_dropped(person):
    nobody = replace(person, visible=np.zeros_like(person.visible))
    cleaned = clean([nobody])
    assert cleaned.samples == []
    assert cleaned.findings[0].kind == "empty"


def test_who_has_a_box_alone_is_left_for_a_teacher(person):
    box = np.array([1, 2, 300, 400], np.float32)
    boxed = replace(person, visible=np.zeros_like(person.visible), box_xyxy=box)
    assert not clean([boxed], sizes_wh=SIZE).findings
    gone = clean([replace(boxed, box_xyxy=-box)], sizes_wh=SIZE)
    assert [finding.kind for finding in gone.findings] == ["box", "empty"]


@pytest.mark.parametrize("box", [[500, 0, 600, 100], [50, 60, 50, 90], [-90, 0, -10, 40]])
def test_a_box_that_holds_none_of_the_image_is_dropped(person, box):
    boxed = replace(person, box_xyxy=np.array(box, np.float32))
    cleaned = clean([boxed], sizes_wh=SIZE)
    assert [finding.kind for finding in cleaned.findings] == ["box"]
    assert cleaned.samples[0].box_xyxy is None


def test_a_box_over_the_edge_is_left(person):
    boxed = replace(person, box_xyxy=np.array([-20, 0, 100, 500], np.float32))
    assert not clean([boxed], sizes_wh=SIZE).findings


def test_sizes_and_a_teacher_are_for_the_same_people(person):
    with pytest.raises(ValueError, match="sizes_wh of 2 images, got 1"):
        clean([person, person], sizes_wh=SIZE)
    with pytest.raises(ValueError, match=r"teacher of 2 people with \[14\] keypoints, got 1"):
        clean([person, person], teacher=taught(person))
