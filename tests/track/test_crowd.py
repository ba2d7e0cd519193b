from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import people
import pytest
from people import picture

import blazepose as bp
from blazepose.pose import Frame, Roi

LEFT, RIGHT = (150, 200), (650, 200)
WIDE = {"width": 800, "height": 400}
SMALL = 0.12  # of the picture: circles of two people do not touch


@pytest.fixture
def crowd(networks: dict[str, people.FakeRuntime]) -> dict[str, people.FakeRuntime]:
    networks["person finder"] = people.finder(radius=SMALL)
    networks["landmark network"] = people.landmarks(reach=0.06)
    return networks


def seconds(tracker: bp.Tracker, begin_s: float, end_s: float, *spots: tuple[int, int]) -> list:
    """The poses of the last of the frames of a stretch in which nobody moves."""
    poses: list = []
    for number in range(round(begin_s * 30), round(end_s * 30)):
        poses = tracker(Frame(picture(**WIDE, spots=spots), number / 30))
    return poses


def where(poses: list) -> dict[int, tuple[int, int]]:
    return {p.id: tuple(int(v) for v in p.points[:, :2].mean(axis=0)) for p in poses}


def test_everybody_is_found_and_keeps_an_id(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    first = where(seconds(tracker, 0, 0.1, LEFT, RIGHT))
    assert len(first) == 2
    later = where(seconds(tracker, 0.1, 1, LEFT, RIGHT))
    assert {id: pytest.approx(place, abs=3) for id, place in first.items()} == later


def test_the_finder_looks_now_and_then_and_not_when_nobody_can_be_missing(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    seconds(tracker, 0, 2, LEFT, RIGHT)
    assert 10 <= len(crowd["person finder"].seen) <= 40  # of 60 frames
    looked = len(crowd["person finder"].seen)
    seconds(bp.Tracker(people=2), 0, 2, LEFT, RIGHT)
    assert len(crowd["person finder"].seen) <= looked + 2


def test_somebody_new_is_found_within_half_a_second(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    seconds(tracker, 0, 1, LEFT)
    assert len(seconds(tracker, 1, 1.5, LEFT, RIGHT)) == 2


def test_no_more_people_are_followed_than_asked_for(crowd: dict) -> None:
    assert len(seconds(bp.Tracker(people=2), 0, 1, LEFT, RIGHT, (400, 200))) == 2


def test_who_comes_back_within_two_seconds_has_their_id_again(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    before = where(seconds(tracker, 0, 1, LEFT, RIGHT))
    seconds(tracker, 1, 2.5, LEFT)
    after = where(seconds(tracker, 2.5, 3, LEFT, (630, 210)))
    assert set(after) == set(before)


def test_who_appears_at_the_other_end_is_somebody_else(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    (before,) = where(seconds(tracker, 0, 1, (60, 200)))
    seconds(tracker, 1, 1.2)
    (after,) = where(seconds(tracker, 1.2, 1.6, (740, 200)))
    assert after != before


def test_two_never_follow_one(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    tracker(Frame(picture(**WIDE, spots=[LEFT]), 0.0))
    aside = Roi((LEFT[0] + 12.0, 200.0), 240.0)
    tracker(Frame(picture(**WIDE, spots=[LEFT]), 1 / 30), roi=aside)
    assert len(seconds(tracker, 0.1, 0.2, LEFT)) == 1


def test_ids_are_not_given_twice_after_a_new_clip_begins(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    before = where(seconds(tracker, 0, 0.2, LEFT, RIGHT))
    tracker.reset()
    after = where(seconds(tracker, 0, 0.2, LEFT, RIGHT))
    assert not set(before) & set(after)


def test_time_that_jumps_back_loses_nobody(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    before = where(seconds(tracker, 5, 6, LEFT, RIGHT))
    assert set(where(seconds(tracker, 0, 1, LEFT, RIGHT))) == set(before)


def test_people_of_a_model_with_smoothing_off_stand_where_they_are(crowd: dict) -> None:
    tracker = bp.Tracker(people="all", smooth=False)
    seconds(tracker, 0, 0.5, LEFT, RIGHT)
    moved = (LEFT[0] + 10, LEFT[1])
    places = where(tracker(Frame(picture(**WIDE, spots=[moved, RIGHT]), 0.5 + 1 / 30)))
    assert min(abs(x - moved[0]) for x, _ in places.values()) < 3


def dressed(left: int, right: int) -> np.ndarray:
    """Two people in front of a half of the picture each, of the colour of a channel."""
    image = picture(**WIDE, spots=[LEFT, RIGHT])
    image[:, :400, left] = image[:, 400:, right] = 120
    return image


def test_clothes_tell_who_is_who_after_ids_went_to_others(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    green, blue = 1, 2
    for number in range(30):
        before = where(tracker(Frame(dressed(green, blue), number / 30)))
    for number in range(30, 75):
        after = where(tracker(Frame(dressed(blue, green), number / 30)))
    assert set(after) == set(before)
    assert all(before[id] != pytest.approx(after[id], abs=50) for id in before)


def test_people_of_whose_clothes_none_changed_keep_their_ids(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    before = where(seconds(tracker, 0, 1, LEFT, RIGHT))
    near = (LEFT[0] + 12, LEFT[1])
    seconds(tracker, 1, 1.2, LEFT, near, RIGHT)
    after = where(seconds(tracker, 1.2, 3, LEFT, RIGHT))
    assert {id: pytest.approx(place, abs=3) for id, place in before.items()} == after


@contextmanager
def blind_mirror(network: people.FakeRuntime) -> Iterator[None]:
    """Meanwhile a landmark network sees nobody where light comes from the right."""
    whole = network._answer

    def seen_once(image: np.ndarray) -> dict[str, np.ndarray]:
        said = whole(image)
        light = image[..., 1].mean(axis=0)
        is_mirrored = light[-20:].mean() > light[:20].mean()
        return said | {"presence": np.float32([0.0])} if is_mirrored else said

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "_answer", seen_once)
        yield


def shaded(*spots: tuple[int, int]) -> np.ndarray:
    """People in light from the left, which in a mirror comes from the right."""
    image = picture(**WIDE, spots=spots)
    image[..., 1] = np.linspace(200, 0, image.shape[1], dtype=np.uint8)
    return image


def test_who_is_not_seen_in_a_mirror_is_nobody_new(crowd: dict) -> None:
    tracker = bp.Tracker(people="all")
    with blind_mirror(crowd["landmark network"]):
        assert not [pose for n in range(30) for pose in tracker(Frame(shaded(LEFT), n / 30))]
    assert tracker(Frame(shaded(LEFT), 1.0))


def test_in_each_others_way_who_is_not_seen_in_a_mirror_is_not_shown_and_followed_on(
    crowd: dict,
) -> None:
    tracker, apart, close = bp.Tracker(people="all"), 70, 20
    for number in range(30):
        before = where(tracker(Frame(shaded(LEFT, (LEFT[0] + apart, LEFT[1])), number / 30)))
    assert len(before) == 2
    with blind_mirror(crowd["landmark network"]):
        shown = [
            len(tracker(Frame(shaded(LEFT, (LEFT[0] + gap, LEFT[1])), 1 + n / 30)))
            for n, gap in enumerate(range(apart, close - 1, -5))
        ]
    assert shown[0] == 2
    assert shown[-1] == 0
    after = where(tracker(Frame(shaded(LEFT, (LEFT[0] + close, LEFT[1])), 1.5)))
    assert set(after) == set(before)
