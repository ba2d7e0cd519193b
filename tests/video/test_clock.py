"""Times that grow, whatever a container stamps."""

import pytest

from blazepose.video.clock import Clock


def _times(*stamps_s: float | None) -> list[float | None]:
    clock = Clock(0.1)
    return [
        None if (time_s := clock.time_s(stamp_s)) is None else round(time_s, 6)
        for stamp_s in stamps_s
    ]


def test_times_are_counted_from_the_first_stamp() -> None:
    assert _times(5.0, 5.1, 5.25, 9.0) == [0, 0.1, 0.25, 4]


def test_without_stamps_the_usual_interval_counts() -> None:
    assert _times(None, None, None) == [0, 0.1, 0.2]
    assert _times(3.0, None, 3.25) == [0, 0.1, 0.25]


@pytest.mark.parametrize("late_s", [0.3, 0.25, -0.5])
def test_a_picture_behind_the_last_one_is_left_out(late_s: float) -> None:
    assert _times(0, 0.1, 0.2, 0.3, late_s, 0.4) == [0, 0.1, 0.2, 0.3, None, 0.4]


def test_after_a_jump_back_another_recording_follows_the_first() -> None:
    late = [0.0, 0.1, 0.2, 0.3]  # by these it is found out
    assert _times(7.0, 8.0, *late, 0.4, 0.5, 0.8) == [0, 1, *[None] * 4, 1.1, 1.2, 1.5]


def test_single_late_pictures_do_not_make_another_recording() -> None:
    stamps_s = [s for i in range(9) for s in (i + 1.0, i + 0.5)]
    assert _times(*stamps_s) == [t for i in range(9) for t in (float(i), None)]
