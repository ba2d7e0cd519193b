import numpy as np
import pytest

from blazepose.track.box_rows import (
    cells,
    finished,
    finished_batch,
    labelled,
    scored,
    spread,
    spread_by_stride,
    undecoded,
    with_objectness,
    without_objectness,
)


def _rows(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_cells_are_counted_row_by_row_and_a_part_of_a_cell_is_one() -> None:
    grid = cells((24, 10), (8, 16))
    assert grid.tolist() == [
        [0, 0, 8], [1, 0, 8], [2, 0, 8], [0, 1, 8], [1, 1, 8], [2, 1, 8], [0, 0, 16], [1, 0, 16]
    ]  # fmt: skip


def test_a_score_is_objectness_times_the_persons_class() -> None:
    boxes, scores = with_objectness(_rows([50, 40, 20, 10, 0.5, 0.9, 0.4]), person=1)
    assert boxes.tolist() == [[40, 35, 60, 45]]
    assert scores == pytest.approx([0.2])


def test_keypoints_after_the_scores_do_not_count() -> None:
    columns = _rows([50, 40, 20, 10, 0.75, 7, 7, 7]).T
    boxes, scores = without_objectness(columns, person=0)
    assert boxes.tolist() == [[40, 35, 60, 45]]
    assert scores.tolist() == [0.75]


def test_undecoded_rows_are_relative_to_their_cells() -> None:
    grid = _rows([3, 2, 16])
    rows = _rows([0.5, 0.25, np.log(2), np.log(4), 0.5, 0.5])
    boxes, scores = undecoded(rows, grid=grid, person=0)
    assert boxes[0] == pytest.approx([56 - 16, 36 - 32, 56 + 16, 36 + 32])
    assert scores.tolist() == [0.25]


@pytest.mark.parametrize(
    "found",
    [
        finished(_rows([1, 2, 3, 4, 0.9, 2], [5, 6, 7, 8, 0.8, 0]), person=2),
        finished_batch(_rows([0, 1, 2, 3, 4, 2, 0.9], [0, 5, 6, 7, 8, 0, 0.8]), person=2),
        labelled(_rows([1, 2, 3, 4, 0.9], [5, 6, 7, 8, 0.8]), np.float32([2, 0]), person=2),
        scored(_rows([1, 2, 3, 4], [5, 6, 7, 8]), _rows([0, 0.8], [1, 1], [0.9, 0]), person=2),
    ],
)
def test_only_the_class_of_persons_has_a_score(found: tuple[np.ndarray, np.ndarray]) -> None:
    boxes, scores = found
    assert boxes.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert scores == pytest.approx([0.9, 0])


def test_a_sure_distribution_is_a_whole_number_of_strides() -> None:
    bins = np.zeros((4, 8), np.float32)
    bins[[0, 1, 2, 3], [1, 2, 3, 0]] = 100
    rows = np.hstack([[0.3, 0.7], bins.reshape(-1)]).astype(np.float32)[None]
    boxes, scores = spread(rows, grid=_rows([5, 4, 8]), offset=0, person=1)
    assert boxes[0] == pytest.approx([40 - 8, 32 - 16, 40 + 24, 32])
    assert scores == pytest.approx([0.7])


def test_an_even_distribution_is_its_mean() -> None:
    boxes, _ = spread(np.zeros((1, 33), np.float32), grid=_rows([5, 4, 8]), offset=0, person=0)
    assert boxes[0] == pytest.approx([40 - 28, 32 - 28, 40 + 28, 32 + 28])


def test_outputs_of_each_stride_are_one_table() -> None:
    grid = cells((16, 16), (8, 16))
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(5, 2 + 32)).astype(np.float32)
    parts = (rows[:4, :2], rows[4:, :2], rows[:4, 2:], rows[4:, 2:])
    together = spread(rows, grid=grid, offset=0.5, person=1)
    apart = spread_by_stride(*parts, grid=grid, person=1)
    assert all(np.array_equal(a, b) for a, b in zip(together, apart, strict=True))
