import people
import pytest
from people import picture

import blazepose as bp
from blazepose.errors import SourceError
from blazepose.pose import Frame, Pose, Roi

LEFT, MIDDLE, RIGHT = (150, 200), (420, 200), (650, 200)
WIDE = {"width": 800, "height": 400}


@pytest.fixture
def crowd(networks: dict[str, people.FakeRuntime]) -> dict[str, people.FakeRuntime]:
    networks["person finder"] = people.finder(radius=0.12)
    networks["landmark network"] = people.landmarks(reach=0.06)
    return networks


def look(tracker: bp.Tracker, time_s: float, *spots: tuple[int, int]) -> list[Pose]:
    return tracker(Frame(picture(**WIDE, spots=spots), time_s))


def place(pose: Pose) -> tuple[float, float]:
    x, y = pose.points[:, :2].mean(axis=0)
    return float(x), float(y)


@pytest.mark.parametrize(
    ("follow", "there"),
    [("central", MIDDLE), ((660, 205), RIGHT), ((100, 150, 200, 250), LEFT), (2, None)],
)
def test_the_chosen_one_alone_is_given_from_the_first_frame_on(crowd, follow, there) -> None:
    tracker = bp.Tracker(follow=follow)
    given = [look(tracker, n / 30, LEFT, MIDDLE, RIGHT) for n in range(10)]
    assert {len(poses) for poses in given[1:]} == {1}
    assert len({poses[0].id for poses in given[1:]}) == 1
    if there:
        assert place(given[0][0]) == pytest.approx(there, abs=6)
        assert place(given[-1][0]) == pytest.approx(there, abs=6)


def test_an_id_is_that_of_a_run_with_everybody(crowd) -> None:
    everybody, one = bp.Tracker(people="all"), bp.Tracker(follow=2)
    for number in range(30):
        poses = look(everybody, number / 30, LEFT, MIDDLE, RIGHT)
        (pose,) = look(one, number / 30, LEFT, MIDDLE, RIGHT) or [None]
        same = next((p for p in poses if p.id == 2), None)
        assert (pose is None) == (same is None)
        if pose and same:
            assert place(pose) == place(same)


def test_in_a_given_region_the_first_look_is_without_the_detector(crowd) -> None:
    roi = Roi((660.0, 205.0), 150.0)
    shown = crowd["landmark network"].seen
    (pose,) = look(bp.Tracker(follow=roi), 0.0, LEFT, RIGHT)
    assert pose.roi == roi
    assert place(pose) == pytest.approx(RIGHT, abs=6)
    assert len(shown) >= 1


def test_a_region_that_shows_nobody_waits_for_somebody(crowd) -> None:
    tracker = bp.Tracker(follow=(600, 150, 700, 250))
    assert look(tracker, 0.0, LEFT) == []
    (pose,) = look(tracker, 1 / 30, LEFT, RIGHT)
    assert place(pose) == pytest.approx(RIGHT, abs=6)


def test_nobody_stands_in_for_the_chosen_one(crowd) -> None:
    tracker = bp.Tracker(follow=RIGHT)
    ((first,), *_) = [look(tracker, n / 30, LEFT, RIGHT) for n in range(10)]
    assert [look(tracker, 0.4 + n / 30, LEFT) for n in range(30)] == [[]] * 30
    again = [look(tracker, 1.5 + n / 30, LEFT, RIGHT) for n in range(30)][-1]
    assert [pose.id for pose in again] == [first.id]


def test_who_is_not_known_again_but_was_seen_beside_nobody_is_taken_for_the_same(crowd) -> None:
    tracker = bp.Tracker(follow=(60, 200))
    ((first,), *_) = [look(tracker, n / 30, (60, 200), MIDDLE) for n in range(10)]
    look(tracker, 0.4, MIDDLE)
    far = [look(tracker, 0.5 + n / 30, MIDDLE, (740, 200)) for n in range(15)]
    assert place(far[-1][0]) == pytest.approx((740, 200), abs=6)
    assert far[-1][0].id != first.id


def test_the_choice_is_made_anew_when_the_chosen_one_is_forgotten(crowd) -> None:
    tracker = bp.Tracker(follow="central")
    (first,) = look(tracker, 0.0, LEFT, MIDDLE)
    assert look(tracker, 0.1, LEFT) == []
    look(tracker, 70.0, LEFT)
    (other,) = look(tracker, 70.1, LEFT)
    assert other.id != first.id
    assert place(other) == pytest.approx(LEFT, abs=6)


def test_in_a_new_clip_the_choice_is_made_anew(crowd) -> None:
    tracker = bp.Tracker(follow="central")
    (first,) = look(tracker, 0.0, LEFT, MIDDLE)
    tracker.reset()
    (other,) = look(tracker, 0.0, LEFT)
    assert first.id != other.id
    assert place(other) == pytest.approx(LEFT, abs=6)


def test_a_region_from_the_caller_is_a_choice_too(crowd) -> None:
    tracker = bp.Tracker(follow="central")
    look(tracker, 0.0, LEFT, MIDDLE)
    image = picture(**WIDE, spots=[LEFT, MIDDLE])
    (pose,) = tracker(Frame(image, 1 / 30), roi=Roi((150.0, 200.0), 150.0))
    assert place(pose) == pytest.approx(LEFT, abs=6)


def test_a_point_outside_of_the_frame_is_told_with_the_size(crowd) -> None:
    with pytest.raises(SourceError, match=r"800x400 px, got \(900, 10\)"):
        look(bp.Tracker(follow=(900, 10)), 0.0, LEFT)


def test_what_is_no_choice_is_refused(networks: dict) -> None:
    with pytest.raises(ValueError, match="x0 < x1"):
        bp.Tracker(follow=(10, 10, 5, 20))


def test_somebody_on_the_point_whom_the_detector_misses_is_followed(crowd) -> None:
    crowd["person finder"] = people.finder(blind=True)
    tracker = bp.Tracker(follow=RIGHT)
    look(tracker, 0.0, LEFT, RIGHT)
    (pose,) = look(tracker, 1 / 30, LEFT, RIGHT)
    assert place(pose) == pytest.approx(RIGHT, abs=6)


@pytest.mark.parametrize("times", [1, 9])
def test_a_region_of_the_one_who_is_followed_loses_nobody(crowd, times) -> None:
    tracker = bp.Tracker(follow="central")
    (pose,) = look(tracker, 0.0, LEFT, MIDDLE)
    for number in range(1, 10):
        roi = pose.roi if number <= times else None
        frame = Frame(picture(**WIDE, spots=[LEFT, MIDDLE]), number / 30)
        (again,) = tracker(frame, roi=roi)
        assert again.id == pose.id
