from dataclasses import replace

import numpy as np
import pytest

from blazepose.pose import Pose, Roi
from blazepose.track.candidates import (
    Candidate,
    averaged,
    height_in,
    judge,
    most_prominent_first,
    people_in,
)
from blazepose.track.landmarker import Landmarks


def _pose(x: float, y: float, *, size: float = 400.0, score: float = 0.995) -> Pose:
    body = np.random.default_rng(0).uniform(-0.4, 0.4, (33, 3)).astype(np.float32) * size
    points = body + np.array([x, y, 0], np.float32)
    sure = np.ones(33, np.float32)
    return Pose(points, points / size, sure, sure, score, Roi((x, y), size))


def _candidate(pose: Pose, quality: float) -> Candidate:
    return Candidate(pose, pose, pose.roi, quality, sure=False)


def _landmarks(pose: Pose) -> Landmarks:
    """What a look that saw this pose says; the circle round the person is the region's."""
    centre = np.array(pose.roi.center_xy, np.float32)
    rim = centre - np.array([0, pose.roi.size / 2.5], np.float32)
    return Landmarks(pose, np.stack([centre, rim]), size_wh=(600, 600))


def test_people_are_those_on_whom_most_chases_agree() -> None:
    here = [_candidate(_pose(300 + dx, 300), 3.0) for dx in (-2, 0, 2)]
    there = [_candidate(_pose(900, 300), 3.2)]
    first, second = people_in(there + here)
    assert first.pose.points[:, 0].mean() == pytest.approx(here[1].pose.points[:, 0].mean(), abs=1)
    assert second.pose.points[:, 0] == pytest.approx(there[0].pose.points[:, 0])


def test_nobody_found_is_no_people() -> None:
    assert people_in([]) == []


def test_a_pose_that_stays_is_trusted_more_than_one_that_moves() -> None:
    here = _landmarks(_pose(300, 300))
    stays = judge(here, _pose(301, 300), 0.9, (600, 600, 3))
    moves = judge(here, _pose(340, 300), 0.9, (600, 600, 3))
    assert stays.quality > moves.quality
    assert stays.sure
    assert not moves.sure


def test_what_is_mostly_outside_the_picture_is_trusted_less() -> None:
    here = _landmarks(_pose(300, 300))
    inside = judge(here, here.pose, 0.9, (600, 600, 3))
    outside = judge(here, here.pose, 0.9, (600, 250, 3))
    assert outside.quality < inside.quality


def test_the_average_is_of_all_that_a_pose_says_of_its_points() -> None:
    mean = averaged([_pose(300, 300), _pose(310, 320)], lambda values: values.mean(axis=0))
    assert mean["points"] == pytest.approx(_pose(305, 310).points)
    assert set(mean) == {"points", "world", "visibility", "presence"}


def test_a_person_is_looked_at_again_where_the_pose_leads_to_unless_that_is_far_away() -> None:
    pose = _pose(300, 300)
    for moved, place in (((304, 300), (304, 300)), ((420, 300), (300, 300))):
        shifted = replace(pose, roi=Roi((float(moved[0]), float(moved[1])), 400.0))
        seen = replace(_landmarks(shifted), pose=pose)
        assert judge(seen, pose, 0.9, (600, 600, 3)).roi.center_xy == pytest.approx(place)


def test_of_two_who_are_as_sure_the_larger_comes_first() -> None:
    image = np.zeros((900, 1200, 3), np.uint8)
    small, large = (
        _candidate(_pose(x, 450, size=size), 3.0) for x, size in ((300, 200), (800, 600))
    )
    assert most_prominent_first([small, large], image) == [large, small]
    surer = replace(small, quality=4.0)
    assert most_prominent_first([surer, large], image) == [surer, large]


def test_what_is_outside_of_the_image_makes_nobody_larger() -> None:
    image = np.zeros((900, 1200, 3), np.uint8)
    whole, cut = _candidate(_pose(600, 450), 3.0), _candidate(_pose(0, 900, size=500.0), 3.0)
    assert most_prominent_first([cut, whole], image) == [whole, cut]
    assert height_in(np.array([-50, 100, 200, 250], np.float32), image) == 200
