import numpy as np
import pytest

from blazepose.pose import Pose, Roi
from blazepose.track.candidates import Candidate, averaged, judge, people_in


def _pose(x: float, y: float, *, size: float = 400.0, score: float = 0.995) -> Pose:
    body = np.random.default_rng(0).uniform(-0.4, 0.4, (33, 3)).astype(np.float32) * size
    points = body + np.array([x, y, 0], np.float32)
    sure = np.ones(33, np.float32)
    return Pose(points, points / size, sure, sure, score, Roi((x, y), size))


def test_people_are_those_on_whom_most_chases_agree() -> None:
    here = [Candidate(_pose(300 + dx, 300), 3.0, sure=False) for dx in (-2, 0, 2)]
    there = [Candidate(_pose(900, 300), 3.2, sure=False)]
    first, second = people_in(there + here)
    assert first.points[:, 0].mean() == pytest.approx(here[1].pose.points[:, 0].mean(), abs=1)
    assert second.points[:, 0] == pytest.approx(there[0].pose.points[:, 0])


def test_nobody_found_is_no_people() -> None:
    assert people_in([]) == []


def test_a_pose_that_stays_is_trusted_more_than_one_that_moves() -> None:
    pose = _pose(300, 300)
    stays = judge(pose, _pose(301, 300), 0.9, (600, 600, 3))
    moves = judge(pose, _pose(340, 300), 0.9, (600, 600, 3))
    assert stays.quality > moves.quality
    assert stays.sure
    assert not moves.sure


def test_what_is_mostly_outside_the_picture_is_trusted_less() -> None:
    pose = _pose(300, 300)
    inside = judge(pose, pose, 0.9, (600, 600, 3))
    outside = judge(pose, pose, 0.9, (600, 250, 3))
    assert outside.quality < inside.quality


def test_the_average_is_of_all_that_a_pose_says_of_its_points() -> None:
    mean = averaged([_pose(300, 300), _pose(310, 320)], lambda values: values.mean(axis=0))
    assert mean["points"] == pytest.approx(_pose(305, 310).points)
    assert set(mean) == {"points", "world", "visibility", "presence"}
