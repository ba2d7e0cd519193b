import numpy as np

from blazepose.smooth import POINTS, WORLD, OneEuro
from blazepose.track.filters import ReleasedFilter, SteadyFilter

FPS, DIAMETER = 30, 500.0


def test_the_released_filter_is_a_one_euro_filter_of_every_coordinate() -> None:
    rng = np.random.default_rng(0)
    released, points, world = ReleasedFilter(), OneEuro(POINTS), OneEuro(WORLD)
    for i in range(5):
        raw = rng.normal(0, 50, (33, 3)).astype(np.float32)
        given = released(raw, raw / 100, i / FPS, diameter=DIAMETER)
        assert (given[0] == points(raw, i / FPS, scale=1 / DIAMETER)).all()
        assert (given[1] == world(raw / 100, i / FPS)).all()


def test_shapes_and_float32_are_kept() -> None:
    steady = SteadyFilter()
    for i in range(3):
        raw = np.full((21, 3), i, np.float32)
        points, world = steady(raw, raw, i / FPS, diameter=DIAMETER)
        assert points.shape == world.shape == (21, 3)
        assert points.dtype == world.dtype == np.float32


def test_still_points_tremble_less_and_moving_ones_lag_less_than_as_released() -> None:
    rng = np.random.default_rng(1)
    time_s = np.arange(300) / FPS
    truth = np.zeros((300, 3, 3), np.float32)  # at rest, a squat's hip, a hand that circles
    truth[:, 1, 1] = 60 * (1 - np.cos(2 * np.pi * time_s / 3))
    truth[:, 2, 0] = 60 * np.sin(2 * np.pi * time_s / 0.8)
    truth[:, 2, 1] = 60 * np.cos(2 * np.pi * time_s / 0.8)
    raw = (truth + rng.normal(0, 0.0017 * DIAMETER, truth.shape)).astype(np.float32)
    steady, released = (_filtered(kind(), raw) for kind in (SteadyFilter, ReleasedFilter))
    rest, squat, circle = ((slice(30, None), joint, slice(2)) for joint in range(3))
    tremble = [np.diff(points[rest], 2, axis=0).std() for points in (steady, released)]
    assert tremble[0] < 0.8 * tremble[1]
    assert _lag_s(steady[squat], truth[squat]) < 0.7 * _lag_s(released[squat], truth[squat])
    off = [np.abs(points[circle] - truth[circle]).mean() for points in (steady, released)]
    assert off[0] < 0.5 * off[1]


def _filtered(points, raw):
    return np.array([points(p, p / 500, i / FPS, diameter=DIAMETER)[0] for i, p in enumerate(raw)])


def _lag_s(points, truth):
    speed = np.gradient(truth, 1 / FPS, axis=0)
    return -((points - truth) * speed).sum() / (speed**2).sum()
