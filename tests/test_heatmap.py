import numpy as np
import pytest

from blazepose.heatmap import peaks, refine


def _map(*hot: tuple[int, int], value: float = 50) -> np.ndarray:
    logits = np.full((64, 64, 1), -50, np.float32)
    for row, column in hot:
        logits[row, column] = value
    return logits


def _refined(x: float, y: float, logits: np.ndarray) -> np.ndarray:
    return refine(np.array([[x, y]], np.float32), logits)[0]


def test_a_point_moves_to_the_one_hot_cell_near_it() -> None:
    assert _refined(20 / 64, 30 / 64, _map((32, 18))) == pytest.approx([18 / 64, 32 / 64])


def test_a_point_moves_to_the_mean_of_two_hot_cells() -> None:
    assert _refined(20 / 64, 30 / 64, _map((30, 20), (30, 21))) == pytest.approx(
        [20.5 / 64, 30 / 64]
    )


def test_a_hot_cell_outside_the_window_moves_nothing() -> None:
    assert _refined(20 / 64, 30 / 64, _map((30, 24))) == pytest.approx([20 / 64, 30 / 64])


def test_a_point_stays_where_the_map_is_unsure() -> None:
    assert _refined(20 / 64, 30 / 64, _map((30, 21), value=-0.1)) == pytest.approx(
        [20 / 64, 30 / 64]
    )


@pytest.mark.parametrize("x", [-3.0, -1e-3 * 64, 1.5])
def test_a_point_outside_the_map_stays(x: float) -> None:
    assert _refined(x, 0.5, _map((32, 0), (32, 63))) == pytest.approx([x, 0.5])


def test_the_window_ends_at_the_edge_of_the_map() -> None:
    assert _refined(1 / 64, 63 / 64, _map((63, 0))) == pytest.approx([0, 63 / 64])


def test_in_the_whole_map_a_point_moves_to_the_maximum_wherever_it_is() -> None:
    logits = _map((30, 21), (5, 60), value=1)
    logits[5, 60] = 50
    moved = peaks(np.array([[20 / 64, 30 / 64]], np.float32), logits)
    assert moved[0] == pytest.approx([60 / 64, 5 / 64])


def test_in_the_whole_map_too_a_point_stays_where_the_map_is_unsure() -> None:
    point = np.array([[20 / 64, 30 / 64]], np.float32)
    assert peaks(point, _map((5, 60), value=-1)) == pytest.approx(point)  # confidence 0.27
