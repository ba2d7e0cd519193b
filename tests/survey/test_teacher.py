from dataclasses import replace

import numpy as np
import pytest

from blazepose.datasets.lessons import Lessons
from blazepose.skeleton import BLAZEPOSE33, LSP14
from blazepose.survey.teacher import Seen, Teacher, far_off, sides_swapped
from standing import standing_pose

SURE = np.ones(len(LSP14), np.float32)
WRIST, OTHER_WRIST = LSP14.index("left_wrist"), LSP14.index("right_wrist")


@pytest.fixture
def exchanged(person):
    return replace(person, points=person.points[LSP14.mirror])


def test_a_teacher_that_agrees_finds_nothing(person):
    assert not sides_swapped(person, Seen(person.points, SURE))
    assert not far_off(person, Seen(person.points, SURE)).any()


def test_exchanged_sides_are_noticed(person, exchanged):
    assert sides_swapped(exchanged, Seen(person.points, SURE))


def test_a_teacher_that_is_not_sure_is_not_heard(person, exchanged):
    assert not sides_swapped(exchanged, Seen(person.points, 0.8 * SURE))
    assert not far_off(exchanged, Seen(person.points, 0.8 * SURE)).any()


def test_a_teacher_that_found_nobody_is_not_heard(person):
    nobody = np.full((len(LSP14), 2), np.nan, np.float32)
    assert not sides_swapped(person, Seen(nobody, SURE))
    assert not far_off(person, Seen(nobody, SURE)).any()


def test_sides_are_not_exchanged_for_one_arm(person):
    points = person.points.copy()
    points[[WRIST, OTHER_WRIST]] = points[[OTHER_WRIST, WRIST]]
    assert not sides_swapped(replace(person, points=points), Seen(person.points, SURE))


def test_a_label_far_from_the_teacher_is_told_with_its_distance(person):
    points = person.points.copy()
    points[WRIST] += [0, 200]
    distance = far_off(replace(person, points=points), Seen(person.points, SURE))
    assert np.flatnonzero(distance).tolist() == [WRIST]
    assert distance[WRIST] == pytest.approx(2, rel=0.15)  # torso lengths


def test_a_label_somewhat_off_the_teacher_is_left(person):
    points = person.points.copy()
    points[WRIST] += [0, 60]
    assert not far_off(replace(person, points=points), Seen(person.points, SURE)).any()


def test_a_label_on_the_other_sides_joint_is_wrong_at_half_the_distance(person):
    points = person.points.copy()
    knees = [LSP14.index("left_knee"), LSP14.index("right_knee")]
    points[knees] += [[30, 0], [-30, 0]]  # the standing person's knees are near each other
    taught = points.copy()
    taught[knees] = taught[knees[::-1]]
    distance = far_off(replace(person, points=points), Seen(taught, SURE))
    assert np.flatnonzero(distance).tolist() == sorted(knees)
    assert (distance[knees] < 1.3).all()


def test_a_teacher_who_sees_somebody_else_is_not_heard(person):
    assert not far_off(person, Seen(person.points + np.float32(300), SURE)).any()


def lessons_on(pose, **changes) -> Lessons:
    blank = Lessons.blank(1)
    blank.points[0, :33] = pose.points
    fields = {
        "visibility": np.ones((1, 33), np.float32),
        "score": np.ones(1, np.float32),
        "spread": np.zeros(1, np.float32),
    }
    return replace(blank, **(fields | changes))


def test_lessons_become_a_teacher_on_the_skeleton_of_the_labels(person):
    seen = Teacher.from_lessons(lessons_on(standing_pose()), LSP14)[0]
    np.testing.assert_allclose(seen.points, person.points, atol=1e-3)
    assert (seen.confidence == 1).all()


def test_a_derived_point_is_as_sure_as_its_parts(person):
    visibility = np.ones((1, 33), np.float32)
    visibility[0, BLAZEPOSE33.index("left_shoulder")] = 0.25
    seen = Teacher.from_lessons(lessons_on(standing_pose(), visibility=visibility), LSP14)[0]
    assert seen.confidence[LSP14.index("neck")] == 0.25
    assert seen.confidence[LSP14.index("right_knee")] == 1


@pytest.mark.parametrize("doubt", [{"score": 0.2}, {"spread": 0.1}])
def test_lessons_given_in_doubt_are_not_sure(doubt):
    doubts = {name: np.full(1, value, np.float32) for name, value in doubt.items()}
    assert not Teacher.from_lessons(lessons_on(standing_pose(), **doubts), LSP14).confidence.any()


def test_lessons_on_nobody_are_not_sure():
    teacher = Teacher.from_lessons(Lessons.blank(2), LSP14)
    assert (teacher.confidence == 0).all()
    assert np.isnan(teacher.points).all()
