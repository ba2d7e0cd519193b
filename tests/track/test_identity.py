import numpy as np

from blazepose.pose import Frame, Pose, Roi
from blazepose.track.identity import Followed, likest, look, recognize
from blazepose.track.looks import Looks
from blazepose.track.person import Person, Smoothing

ROI = Roi((100.0, 100.0), 80.0)


def colour(*bins: int) -> Looks:
    """Clothes of some colours in equal parts."""
    look = np.zeros((3, 12, 12), np.float32)
    for number in bins:
        look[1, number, 4] = 1 / len(bins)
    return look


def followed(id: int, looks: Looks | None, seen: Looks | None = None) -> Followed:
    """Somebody; doubted, if it is said how the one looks who is seen there now."""
    person = Person(id, ROI, smooth=Smoothing())
    return Followed(person, looks, doubts=None if seen is None else [seen] * 3)


def at(x: float, followed: Followed) -> Followed:
    """Somebody who is seen at a place of a frame of 800 px."""
    points = np.full((33, 3), x, np.float32)
    ones = np.ones(33, np.float32)
    roi = followed.person.roi = Roi((x, x), 80.0)
    followed.person.pose = Pose(points, points * 0, ones, ones, 1.0, roi)
    followed.looked_s = 0.0  # their clothes are known
    look([followed], [], Frame(np.zeros((400, 800, 3), np.uint8), 0.0))
    return followed


def newcomer(x: float) -> Followed:
    """Somebody who turned up a second after the others were lost, in three colours."""
    new = at(x, followed(3, None, colour(0, 1, 2)))
    new.doubts, new.since_s = [colour(0, 1, 2)] * 3, 1.0
    return new


def test_two_who_look_like_each_other_s_ids_exchange_them() -> None:
    here = [followed(1, colour(0), colour(7)), followed(2, colour(7), colour(0))]
    recognize(here, [], 1.0)
    assert [f.person.id for f in here] == [2, 1]
    assert all(f.doubts is None for f in here)


def test_ids_are_exchanged_with_somebody_who_is_not_doubted() -> None:
    here = [followed(1, colour(0), colour(7)), followed(2, colour(7))]
    recognize(here, [], 1.0)
    assert [f.person.id for f in here] == [2, 1]


def test_a_newcomer_in_the_same_clothes_is_nobody_else_in_sight() -> None:
    here = [followed(3, None, colour(7)), followed(2, colour(7))]
    recognize(here, [], 1.0)
    assert [f.person.id for f in here] == [3, 2]


def test_clothes_that_fit_somebody_else_hardly_better_change_nothing() -> None:
    one, other = 0.6 * colour(0) + 0.4 * colour(1), 0.4 * colour(0) + 0.6 * colour(1)
    here = [followed(1, one, other), followed(2, other, one)]
    recognize(here, [], 1.0)
    assert [f.person.id for f in here] == [1, 2]


def test_who_sits_on_somebody_lost_gives_the_id_back_and_is_lost() -> None:
    here, gone = [followed(1, colour(0), colour(7))], [followed(2, colour(7))]
    recognize(here, gone, 1.0)
    assert [f.person.id for f in here] == [2]
    assert [f.person.id for f in gone] == [1]


def test_one_look_is_enough_where_clothes_are_plainly_somebody_else_s() -> None:
    here, gone = [followed(1, colour(0), colour(7))], [followed(2, colour(7))]
    here[0].doubts = [colour(7)]
    recognize(here, gone, 1.0)
    assert [f.person.id for f in here] == [2]
    nearly = 0.8 * colour(0) + 0.2 * colour(7)
    here, gone = [followed(1, colour(0), nearly)], [followed(2, 0.5 * (colour(0) + colour(7)))]
    here[0].doubts = [nearly]
    recognize(here, gone, 1.0)
    assert [f.person.id for f in here] == [1]
    assert here[0].doubts is not None  # a further look has to tell


def test_who_stands_where_another_one_was_lost_is_doubted() -> None:
    frame = Frame(np.zeros((400, 800, 3), np.uint8), 1.0)
    lost, far = at(400.0, followed(2, colour(7))), at(700.0, followed(3, colour(5)))
    lost.person.seen_s = far.person.seen_s = 0.5
    here = at(420.0, followed(1, colour(0)))
    look([here], [far], frame)
    assert here.doubts is None
    look([here], [lost, far], frame)
    assert here.doubts is not None
    here.doubts, lost.person.seen_s = None, -5.0  # long ago
    look([here], [lost], frame)
    assert here.doubts is None


def test_a_newcomer_is_on_trial_for_three_seconds() -> None:
    newcomer = followed(3, None, colour(4))
    newcomer.since_s = 10.0
    recognize([newcomer], [], 12.0)
    assert newcomer.doubts is not None
    recognize([newcomer], [followed(2, colour(4))], 12.5)
    assert newcomer.person.id == 2
    other = followed(4, None, colour(4))
    other.since_s = 10.0
    recognize([other], [], 13.1)
    assert (other.person.id, other.doubts) == (4, None)
    assert other.looks is not None


def test_the_likest_is_somebody_whose_clothes_can_be_the_same() -> None:
    lost = followed(1, colour(0, 1))
    near, far = followed(2, colour(0, 1, 1)), followed(3, colour(7))
    assert likest(lost, [far, near]) is near
    assert likest(lost, [far]) is None
    assert likest(lost, []) is None


def test_who_turns_up_in_the_middle_is_the_only_one_lost_though_clothes_look_different() -> None:
    here, gone = [newcomer(420.0)], [at(400.0, followed(1, colour(0, 1, 3)))]
    recognize(here, gone, 1.0)
    assert here[0].person.id == 1


def test_of_two_lost_in_the_middle_clothes_have_to_tell() -> None:
    here = [newcomer(420.0)]
    gone = [at(400.0, followed(1, colour(0, 1, 3))), at(440.0, followed(2, colour(0, 2, 3)))]
    recognize(here, gone, 1.0)
    assert here[0].person.id == 3


def test_who_comes_in_from_the_side_or_after_somebody_left_there_is_new() -> None:
    for now, before in ((30.0, 120.0), (120.0, 30.0)):
        here, gone = [newcomer(now)], [at(before, followed(1, colour(0, 1, 3)))]
        recognize(here, gone, 1.0)
        assert here[0].person.id == 3
