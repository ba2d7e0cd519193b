import torch
from torch import Tensor

from blazepose.nets.finder import STRIDE, centres
from blazepose.train.detection import assign, losses

CENTRES = centres(256)
PERSON = torch.tensor([[[64.0, 32.0, 128.0, 160.0]]])  # (1, 1, 4), 128 px tall


def batch(boxes: Tensor, kind: list[float]) -> dict[str, Tensor]:
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    points = torch.stack([middle, middle - 60, middle - 30], 2)
    return {
        **{"boxes": boxes, "kind": torch.tensor([kind])},
        **{"points": points, "known": torch.ones(1, len(kind))},
    }


def perfect(target: dict[str, Tensor]) -> dict[str, Tensor]:
    """What a network would say that knows the answer."""
    owner, _ = assign(target["boxes"], target["kind"], CENTRES)
    row = owner[0].clamp(min=0)
    return {
        "scores": torch.where(owner[0] >= 0, 12.0, -12.0)[None, :, None],
        "boxes": target["boxes"][:, row],
        "points": target["points"][:, row].flatten(2),
    }


def test_a_person_belongs_to_the_cells_near_their_middle() -> None:
    owner, free = assign(PERSON, torch.ones(1, 1), CENTRES)
    mine = owner[0] == 0
    away = (CENTRES - torch.tensor([96.0, 96.0])).abs().amax(1)
    assert mine[away < STRIDE].all()
    assert not mine[away > 0.15 * 128].any()
    assert not (free[0] & mine).any()
    assert free[0][(CENTRES - 10).abs().amax(1) < 8].all()


def test_somebody_tiny_has_a_cell_too() -> None:
    owner, _ = assign(torch.tensor([[[40.0, 40.0, 50.0, 58.0]]]), torch.ones(1, 1), CENTRES)
    assert 1 <= (owner == 0).sum() <= 4


def test_of_two_people_at_one_place_the_smaller_has_the_cells() -> None:
    boxes = torch.cat([PERSON, torch.tensor([[[76.0, 36.0, 116.0, 156.0]]])], 1)
    owner, _ = assign(boxes, torch.ones(1, 2), CENTRES)
    assert (owner == 1).any()
    assert (owner[0][(CENTRES - 96).abs().amax(1) < STRIDE] == 1).all()


def test_within_a_crowd_nothing_is_taught() -> None:
    owner, free = assign(PERSON, -torch.ones(1, 1), CENTRES)
    inside = ((PERSON[0, 0, :2] < CENTRES) & (PERSON[0, 0, 2:] > CENTRES)).all(1)
    assert (owner == -1).all()
    assert not free[0][inside].any()
    assert free[0][~inside].all()


def test_the_right_answer_costs_nothing_and_a_wrong_one_something() -> None:
    target = batch(PERSON, [1.0])
    right = perfect(target)
    for name, value in losses(right, target, CENTRES).items():
        assert value < 1e-3, name
    wrong = {
        "scores": -right["scores"],
        "boxes": right["boxes"] + 8,
        "points": right["points"] + 8,
    }
    for name, value in losses(wrong, target, CENTRES).items():
        assert value > 0.05, name


def test_an_empty_picture_teaches_to_find_nobody() -> None:
    target = batch(torch.zeros(1, 1, 4), [0.0])
    shape = (1, len(CENTRES))
    quiet, loud = (
        losses(
            {
                "scores": torch.full((*shape, 1), said),
                "boxes": torch.zeros(*shape, 4),
                "points": torch.zeros(*shape, 6),
            },
            target,
            CENTRES,
        )
        for said in (-12.0, 3.0)
    )
    assert quiet["score"] < 1e-3 < loud["score"]
    assert quiet["box"] == quiet["points"] == 0
