import numpy as np
import pytest

from blazepose.skeleton import LSP14, Skeleton
from blazepose.survey.proportions import LIMIT, too_long, torso_length

ANKLE, KNEE = LSP14.index("left_ankle"), LSP14.index("left_knee")


def test_the_torso_of_a_standing_person_has_its_length(person):
    length = torso_length(person.points, person.labelled, LSP14)
    assert length == pytest.approx(100, rel=0.15)  # 0.5 m at 200 px per metre


def test_the_torso_length_grows_with_the_person(person):
    length = torso_length(person.points, person.labelled, LSP14)
    twice = torso_length(2 * person.points, person.labelled, LSP14)
    assert twice == pytest.approx(2 * length)


def test_a_trunk_seen_from_its_end_does_not_shrink_the_torso(person):
    before = torso_length(person.points, person.labelled, LSP14)
    bent = person.points.copy()
    for side in ("left", "right"):
        bent[LSP14.index(f"{side}_hip")] = bent[LSP14.index(f"{side}_shoulder")]
        bent[LSP14.index(f"{side}_knee"), 1] -= 90
        bent[LSP14.index(f"{side}_ankle"), 1] -= 90
    assert torso_length(bent, person.labelled, LSP14) > 0.8 * before


def test_a_person_with_few_bones_has_no_torso_length(person):
    known = np.zeros(len(LSP14), bool)
    known[:4] = True
    assert np.isnan(torso_length(person.points, known, LSP14))
    assert not too_long(person.points, known, LSP14).any()


def test_nothing_is_too_long_in_a_body(person):
    assert not too_long(person.points, person.labelled, LSP14).any()


def test_the_end_of_a_limb_far_away_is_wrong_alone(person):
    points = person.points.copy()
    points[ANKLE] += [0, 200]
    times = too_long(points, person.labelled, LSP14)
    assert np.flatnonzero(times).tolist() == [ANKLE]
    assert times[ANKLE] > LIMIT


def test_a_joint_in_the_middle_of_a_limb_is_wrong_when_both_its_bones_are(person):
    points = person.points.copy()
    points[KNEE] += [400, 0]
    assert KNEE in np.flatnonzero(too_long(points, person.labelled, LSP14))


def test_an_unlabelled_joint_is_never_too_far(person):
    points, known = person.points.copy(), person.labelled.copy()
    points[ANKLE], known[ANKLE] = [9999, 9999], False
    assert not too_long(points, known, LSP14).any()


def test_a_skeleton_without_these_bones_cannot_be_judged():
    hand = Skeleton("hand", ("palm", "thumb", "index"), ((0, 1), (0, 2)))
    points, known = np.eye(3, 2, dtype=np.float32), np.ones(3, bool)
    assert np.isnan(torso_length(points, known, hand))
    assert not too_long(points, known, hand).any()
