from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from people import landmarks, picture

from blazepose.pose import Detection, Pose, Roi
from blazepose.track.candidates import Candidate
from blazepose.track.confirm import Seen, each_once, has_body, look_again, look_at_sure
from blazepose.track.landmarker import Landmarker, Landmarks


@pytest.fixture
def somebody() -> Candidate:
    """At (210, 190), seen in a region that was off."""
    found = Landmarker(landmarks())(picture(spot=(210, 190)), Roi((214.0, 187.0), 150.0))
    pose = replace(found.pose, score=0.99)
    return Candidate(pose, pose, found.next_roi, quality=3.0, sure=True)


def test_who_is_there_is_seen_again_in_the_same_place(somebody: Candidate) -> None:
    [seen] = look_again(Landmarker(landmarks()), picture(spot=(210, 190)), [somebody])
    assert seen.is_somebody
    assert seen.pose.points[:, :2] == pytest.approx(somebody.pose.points[:, :2], abs=2)


def test_who_is_gone_is_nobody(somebody: Candidate) -> None:
    assert not look_again(Landmarker(landmarks()), picture(), [somebody])[0].is_somebody
    assert not look_at_sure(Landmarker(landmarks()), picture(), somebody).is_somebody


def test_who_is_sure_is_looked_at_once_more_unless_the_mirror_does_not_agree(
    somebody: Candidate, monkeypatch: pytest.MonkeyPatch
) -> None:
    landmarker, looks = Landmarker(landmarks()), list[int]()
    each = landmarker.each

    def counted(image: np.ndarray, rois: list[Roi], **options: Any) -> list[Landmarks]:
        looks.append(len(rois))
        return each(image, rois, **options)

    monkeypatch.setattr(landmarker, "each", counted)
    image = picture(spot=(210, 190))
    seen = look_at_sure(landmarker, image, somebody)
    assert seen.is_somebody
    assert looks == [1]

    points = somebody.pose.points + np.float32([6, 0, 0])
    astray = replace(somebody, pose=replace(somebody.pose, points=points))
    looks.clear()
    seen = look_at_sure(landmarker, image, astray)
    assert seen.is_somebody
    assert seen.pose.points[:, :2] == pytest.approx(somebody.pose.points[:, :2], abs=2)
    assert looks == [1, 1]

    looks.clear()  # what another network found does not count
    seen = look_at_sure(landmarker, image, astray, anew=True)
    assert seen.pose.points[:, :2] == pytest.approx(somebody.pose.points[:, :2], abs=2)
    assert looks == [2]


def test_each_gets_the_looks_that_are_theirs(somebody: Candidate) -> None:
    gone = replace(somebody, roi=Roi((60.0, 60.0), 100.0))
    image = picture(spot=(210, 190))
    seen = look_again(Landmarker(landmarks()), image, [gone, somebody, gone])
    assert [one.is_somebody for one in seen] == [False, True, False]
    assert look_again(Landmarker(landmarks()), image, []) == []


def test_of_what_another_network_found_its_own_looks_count(somebody: Candidate) -> None:
    points = somebody.pose.points + np.float32([12, 0, 0])
    astray = replace(somebody, pose=replace(somebody.pose, points=points))
    image = picture(spot=(210, 190))
    [same] = look_again(Landmarker(landmarks()), image, [astray])
    [other] = look_again(Landmarker(landmarks()), image, [astray], anew=True)
    assert other.pose.points[:, :2] == pytest.approx(somebody.pose.points[:, :2], abs=2)
    assert same.astray > 3 * other.astray


def _spread(x: float) -> Pose:
    body = np.random.default_rng(0).uniform(-100, 100, (33, 3)).astype(np.float32)
    sure = np.ones(33, np.float32)
    points = body + np.array([x, 300, 0], np.float32)
    return Pose(points, points, sure, sure, 0.99, Roi((x, 300.0), 250.0))


def test_a_body_is_where_a_box_is_about_the_pose() -> None:
    pose = _spread(300)
    around = np.concatenate([pose.points[:, :2].min(axis=0), pose.points[:, :2].max(axis=0)])

    def sees(box_xyxy: np.ndarray, score: float, shape: tuple[int, ...] = (600, 600, 3)) -> bool:
        nowhere = np.full((4, 2), np.nan, np.float32)
        return has_body(pose, [Detection(box_xyxy, nowhere, score)], shape)

    assert sees(around, 0.5)
    assert not sees(around, 0.2)
    assert not sees(around + np.float32(200), 0.9)
    visible = around.clip(0, [600, 240, 600, 240]).astype(np.float32)  # the rest is cut off
    assert sees(visible, 0.5, (240, 600, 3))
    assert not has_body(pose, [], (600, 600, 3))


def test_where_the_finder_sees_a_body_less_is_asked(somebody: Candidate) -> None:
    image = picture(spot=(210, 190))
    assert look_again(Landmarker(landmarks()), image, [somebody])[0].has_body is None
    assert look_again(Landmarker(landmarks()), image, [somebody], bodies=[])[0].has_body is False

    unsure = [Seen(_spread(300), 0.7, 0.01, has_body) for has_body in (None, True, False)]
    assert [one.is_somebody for one in unsure] == [False, True, False]
    surer = [Seen(_spread(300), 0.85, 0.01, has_body) for has_body in (None, True, False)]
    assert all(one.is_somebody for one in surer)
    assert [bool(each_once([one])) for one in surer] == [False, True, False]


def test_of_whom_the_search_came_by_again_and_again_less_is_asked() -> None:
    for score, astray, body in ((0.6, 0.01, False), (0.75, 0.03, False), (0.55, 0.03, True)):
        once = Seen(_spread(300), score, astray, body)
        assert each_once([once]) == []
        assert not once.is_backed
        often = replace(once, score=score + 0.15, met=5.0)
        assert often.is_backed
        assert each_once([often]) == [often]
    nowhere = Seen(_spread(300), 0.99, 0.045, True, met=5.0)
    assert each_once([nowhere]) == []


def test_of_two_poses_of_one_person_the_clearer_stays() -> None:
    unsure = Seen(_spread(300), 0.9, 0.03, met=5.0)
    clear = Seen(_spread(303), 0.99, 0.005)
    assert each_once([unsure, clear]) == [clear]


def test_neighbours_both_stay() -> None:
    both = [Seen(_spread(300), 0.99, 0.01), Seen(_spread(520), 0.99, 0.01)]
    assert each_once(both) == both


def test_a_pose_upside_down_on_a_trunk_is_nobody() -> None:
    upright = _spread(300)
    centre = upright.points[[11, 12, 23, 24], :2].mean(axis=0)
    over = upright.points.copy()
    over[:, :2] = 2 * centre - over[:, :2]
    copy, beside = (
        replace(upright, points=over),
        replace(upright, points=over + np.float32([260, 0, 0])),
    )
    seen = [Seen(upright, 0.99, 0.004), Seen(copy, 0.99, 0.005), Seen(beside, 0.99, 0.006)]
    assert [one.pose for one in each_once(seen)] == [upright, beside]


def test_whose_looks_go_astray_is_left_out() -> None:
    assert each_once([Seen(_spread(300), 0.99, 0.045)]) == []
