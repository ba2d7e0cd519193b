import numpy as np
import pytest

from blazepose.compat.stamps import Clock


def test_milliseconds_pass_as_they_are() -> None:
    clock = Clock()
    times = [clock(stamp) for stamp in (5000, 5040, 5140)]
    assert np.diff(times) == pytest.approx([0.04, 0.1])


@pytest.mark.parametrize("stamps", [(0, 1, 2, 3), (7, 7, 7, 7), (0.0, 0.2, 0.4, 0.6)])
def test_what_counts_frames_or_stands_still_goes_thirty_times_a_second(
    stamps: tuple[float, ...],
) -> None:
    clock = Clock()
    assert np.diff([clock(stamp) for stamp in stamps]) == pytest.approx([1 / 30] * 3)


def test_a_camera_of_240_frames_a_second_keeps_its_time() -> None:
    clock = Clock()
    assert np.diff([clock(round(i / 0.24)) for i in range(25)]).sum() == pytest.approx(0.1)


def test_a_stamp_that_lies_back_begins_another_clip() -> None:
    clock = Clock()
    clock(0)
    late = clock(9000)
    assert clock(0) < late
    assert clock(40) - clock(0) == pytest.approx(0.04)
