"""One person: looked at again where the region was off, and nobody taken for somebody."""

import math
from collections.abc import Callable

import numpy as np
import people
import pytest
from people import picture

import blazepose as bp
from blazepose.pose import Frame
from blazepose.runtimes.fake import FakeRuntime


def test_somebody_who_moved_far_is_looked_at_again_in_the_same_frame(networks: dict) -> None:
    tracker = bp.Tracker()
    tracker(picture(spot=(200, 200)))
    looks = len(networks["landmark network"].seen)
    (pose,) = tracker(picture(spot=(240, 200)))
    assert len(networks["landmark network"].seen) == looks + 2
    assert pose.roi.center_xy == pytest.approx((240.5, 200.5), abs=2)
    assert pose.points[0, :2] == pytest.approx([240.5, 200.5], abs=2)
    assert pose.id == 1


def test_somebody_who_moves_as_people_do_costs_one_look(networks: dict) -> None:
    tracker = bp.Tracker()
    for x in range(200, 230, 5):
        tracker(picture(spot=(x, 200)))
    assert len(networks["landmark network"].seen) == 6


def test_a_newcomer_has_to_be_surer_than_somebody_who_is_followed(networks: dict) -> None:
    networks["landmark network"] = sees(score=lambda number: 0.99 if number == 1 else 0.7)
    tracker = bp.Tracker()
    assert tracker(picture(spot=(200, 200))) == []
    assert len(tracker(picture(spot=(200, 200)))) == 1
    assert len(tracker(picture(spot=(200, 200)))) == 1


def test_whom_the_finder_alone_sees_has_to_look_the_same_in_a_mirror(networks: dict) -> None:
    networks["person detector"] = people.detector(blind=True)
    networks["person finder"] = people.finder()
    networks["landmark network"] = sees(at=(0.5, 0.5))
    assert len(bp.Tracker()(picture(spot=(200, 200)))) == 1
    networks["landmark network"] = sees(at=(0.46, 0.5))  # wherever the person is
    assert bp.Tracker()(picture(spot=(200, 200))) == []


@pytest.mark.parametrize("quarter", range(4))
def test_whom_the_finder_alone_sees_may_lie(networks: dict, quarter: int) -> None:
    networks["person detector"] = people.detector(blind=True)
    networks["person finder"] = people.finder()
    upright = people.landmarks()

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        said = {name: value[0] for name, value in upright(image[None]).items()}
        row, column = np.argwhere(image[..., 2] > 60).mean(axis=0)  # the head is blue
        is_upright = row < 128 and abs(column - 128) < 40
        return said | {"presence": np.float32([0.99 if is_upright else 0.2])}

    networks["landmark network"] = FakeRuntime(answer)
    image = picture(spot=(200, 200))
    image[150:159, 196:205, 2] = 255
    (pose,) = bp.Tracker()(np.rot90(image, quarter))
    assert math.cos(pose.roi.angle_rad + quarter * math.pi / 2) == pytest.approx(1)


def test_the_finder_is_asked_now_and_then_for_the_whole_frame_and_its_parts(
    networks: dict,
) -> None:
    tracker = bp.Tracker()
    image = picture(600, 300)
    image[:, :300, 1] = 200  # the left part is green
    for number in range(13):
        tracker(Frame(image, number / 30))
    shares = [(seen[..., 1] > 100).mean() for seen in networks["person finder"].seen]
    whole, part, again, other, last = shares
    assert whole == again == last == pytest.approx(0.25, abs=0.02)
    assert part > 0.4 > 0.2 > other


def sees(
    *, at: tuple[float, float] | None = None, score: Callable[[int], float] = lambda number: 0.99
) -> FakeRuntime:
    """Points on the spot, or at one place of every picture; a score by the picture's number."""
    numbers = iter(range(int(1e6)))
    usual = people.landmarks()

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        said = {name: value[0] for name, value in usual(image[None]).items()}
        if at is not None:
            rows = said["landmarks"].reshape(39, 5)
            rows[:, :2] += 256 * np.float32(at) - rows[33, :2]
        return said | {"presence": np.float32([score(next(numbers))])}

    return FakeRuntime(answer)
