import numpy as np
import pytest

from blazepose.coach import State
from blazepose.workout.overlay import draw_angle, draw_state
from motion import Camera, film, squat

(_, POSE), *_ = film(lambda _: squat(1), 1, camera=Camera())
SIZES = [(1280, 720), (720, 1280), (1920, 1080), (160, 120), (64, 48)]


def _grey(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


def _changed(picture: np.ndarray) -> np.ndarray:
    return (picture != 128).any(axis=2)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_counter_stays_in_the_corner_of_a_frame_of_any_size(width: int, height: int) -> None:
    picture = _grey(width, height)
    draw_state(picture, State("squat", "standing", count=12, progress=0.5))
    rows, columns = np.nonzero(_changed(picture))
    assert len(rows)
    if width * height > 100_000:
        assert columns.max() < 0.55 * width
        assert rows.max() < 0.3 * height


def test_the_number_is_read_from_afar() -> None:
    picture = _grey(1280, 720)
    draw_state(picture, State("squat", "standing", count=1))
    bright = (picture > 230).all(axis=2)[:, :120]
    rows = np.nonzero(bright.any(axis=1))[0]
    assert np.ptp(rows) > 0.08 * 720


def test_the_bar_grows_with_progress_and_is_empty_when_nothing_is_seen() -> None:
    def length(progress: float) -> int:
        picture = _grey(1280, 720)
        draw_state(picture, State("squat", "down", progress=progress))
        green = (picture[..., 1] > 160) & (picture[..., 0] < 60)
        return int(green.any(axis=0).sum())

    lengths = [length(progress) for progress in (float("nan"), 0.3, 1.0, 9.0)]
    assert lengths == sorted(lengths)
    assert lengths[0] <= 1 < lengths[1] < lengths[2] < lengths[3]


def test_the_panel_does_not_tremble_while_a_set_is_done() -> None:
    panels = []
    for phase in ("standing", "down", "bottom", "up"):
        picture = _grey(1280, 720)
        draw_state(picture, State("squat", phase, count=9, progress=0.0))
        panels.append(_changed(picture))
    assert all((panel == panels[0]).all() for panel in panels)


@pytest.mark.parametrize("state", [State(), State("plank", "holding", hold_s=12.3), State("other")])
def test_every_state_can_be_drawn(state: State) -> None:
    picture = _grey(320, 240)
    draw_state(picture, state)
    assert _changed(picture)[:120, :160].any()
    assert not _changed(picture)[150:].any()  # nothing to say there


def test_a_long_remark_fits_a_narrow_frame() -> None:
    picture = _grey(200, 400)
    draw_state(picture, State("push-up"), remark="lift the hips: one line from shoulders to ankles")
    foot = _changed(picture)[300:]
    assert foot.any()
    assert not foot[:, [0, -1]].any()


def test_the_angle_is_written_beside_its_joint() -> None:
    picture = _grey(1280, 720)
    draw_angle(picture, POSE, "knee")
    rows, columns = np.nonzero(_changed(picture))
    knees = POSE.points[[25, 26], :2]
    center = np.array([columns.mean(), rows.mean()])
    assert np.linalg.norm(knees - center, axis=1).min() < 90


def test_no_angle_is_written_for_what_is_no_joint_or_not_seen() -> None:
    picture = _grey(1280, 720)
    draw_angle(picture, POSE, "bend")
    (_, hidden), *_ = film(lambda _: squat(1), 1, camera=Camera())
    hidden.visibility[:] = 0
    draw_angle(picture, hidden, "knee")
    assert not _changed(picture).any()
