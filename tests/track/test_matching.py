import numpy as np
import pytest

from blazepose.skeleton import BLAZEPOSE33
from blazepose.track.matching import likeness, pairs

BODY = np.random.default_rng(0).uniform(0, [40, 100], (33, 2)).astype(np.float32)


def test_pairs_cost_least_in_all_and_not_each_by_itself() -> None:
    cost = np.array([[0.1, 0.2], [0.15, 0.9]])
    assert pairs(cost, limit=1) == [(0, 1), (1, 0)]


def test_what_costs_too_much_or_cannot_be_stays_alone() -> None:
    cost = np.array([[0.1, np.inf, 0.3], [np.inf, 0.8, np.nan]])
    assert pairs(cost, limit=0.5) == [(0, 0)]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (2, 0)])
def test_nobody_pairs_with_nobody(shape: tuple[int, int]) -> None:
    assert pairs(np.zeros(shape), limit=1) == []


def test_a_body_is_like_itself_and_less_like_one_farther_away() -> None:
    others = [BODY, BODY + 10, BODY + 500]
    here, near, far = likeness([BODY], others, BLAZEPOSE33)[0]
    assert here == pytest.approx(1)
    assert here > near > far == pytest.approx(0)


def test_likeness_does_not_depend_on_who_is_asked() -> None:
    small = BODY * 0.5
    forth = likeness([BODY], [small], BLAZEPOSE33)
    assert forth == pytest.approx(likeness([small], [BODY], BLAZEPOSE33))
