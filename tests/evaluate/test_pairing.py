from dataclasses import replace
from pathlib import Path

import numpy as np
from labelled import off, person

from blazepose.evaluate.pairing import box_of, pair, points_on
from blazepose.skeleton import COCO17, LSP14

IMAGE = Path("a.png")


def test_everybody_gets_the_pose_that_is_most_alike():
    people = [person(IMAGE), person(IMAGE, right=150)]
    near, far = off(3), off(148)
    assert pair([far, near], people) == [near, far]


def test_of_two_poses_on_one_person_the_better_counts():
    better, worse = off(2), off(9)
    assert pair([worse, better], [person(IMAGE)]) == [better]


def test_a_pose_is_given_once():
    people = [person(IMAGE, right=20), person(IMAGE)]
    assert pair([pose := off(0)], people) == [None, pose]


def test_a_pose_far_from_everybody_is_judged_as_it_stands():
    assert pair([pose := off(5000)], [person(IMAGE)]) == [pose]


def test_nobody_found_is_none():
    assert pair([], [person(IMAGE)]) == [None]


def test_points_of_nobody_and_those_a_skeleton_does_not_have_are_nan():
    assert np.isnan(points_on(None, LSP14)).all()
    on_coco = points_on(off(0).to("lsp14"), COCO17)
    assert np.isnan(on_coco[:5]).all()  # the face
    np.testing.assert_allclose(on_coco[5:], off(0).to("coco17").points[5:, :2])


def test_a_point_that_another_system_left_out_spoils_only_what_is_made_of_it():
    pose = off(0)
    pose.points[pose.skeleton.index("left_shoulder")] = np.nan
    lost = np.isnan(points_on(pose, LSP14)).any(axis=1)
    assert {name for name, gone in zip(LSP14.names, lost, strict=True) if gone} == {
        *("left_shoulder", "neck", "head_top")
    }


def test_without_a_labelled_box_it_lies_round_the_labelled_keypoints():
    sample = person(IMAGE)
    wrist = LSP14.index("left_wrist")
    sample.visible[wrist] = 0
    sample.points[wrist] = 1e6
    box = box_of(sample)
    known = sample.points[sample.labelled]
    assert box.tolist() == [*known.min(axis=0), *known.max(axis=0)]
    given = np.float32([1, 2, 3, 4])
    assert box_of(replace(sample, box_xyxy=given)) is given
    sample.visible[:] = 0
    assert np.isnan(box_of(sample)).all()
