import torch
from torch import Tensor

from blazepose.train.detection import Grid, assign, losses

GRID = Grid.of()
PERSON = torch.tensor([[[64.0, 32.0, 128.0, 160.0]]])  # (1, 1, 4), 128 px tall: strides 16 and 32


def batch(boxes: Tensor, kind: list[float]) -> dict[str, Tensor]:
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    points = torch.stack([middle, middle - 60, middle - 30], 2)
    return {
        **{"boxes": boxes, "kind": torch.tensor([kind])},
        **{"points": points, "known": torch.ones(1, len(kind))},
    }


def perfect(target: dict[str, Tensor]) -> dict[str, Tensor]:
    """What a network would say that knows the answer."""
    owner, _ = assign(target["boxes"], target["kind"], GRID)
    row = owner[0].clamp(min=0)
    box, points = target["boxes"][0, row], target["points"][0, row]
    middle = (box[:, :2] + box[:, 2:]) / 2 - GRID.centres
    rest = torch.zeros(len(row), 2)
    values = [middle, box[:, 2:] - box[:, :2], *(points - GRID.centres[:, None]).unbind(1), rest]
    scores = torch.where(owner[0] >= 0, 12.0, -12.0)
    return {"boxes": torch.cat(values, 1)[None], "scores": scores[None, :, None]}


def test_a_person_belongs_to_the_cells_near_their_middle_on_grids_of_their_size() -> None:
    owner, free = assign(PERSON, torch.ones(1, 1), GRID)
    mine = owner[0] == 0
    assert set(GRID.strides[mine].tolist()) == {16, 32}
    away = (GRID.centres[mine] - torch.tensor([96.0, 96.0])).abs().amax(1)
    assert (away < GRID.strides[mine]).all()
    assert not (free[0] & mine).any()
    assert free[0][(GRID.centres - 10).abs().amax(1) < 8].all()


def test_of_two_people_at_one_place_the_smaller_has_the_cells() -> None:
    boxes = torch.cat([PERSON, torch.tensor([[[76.0, 36.0, 116.0, 156.0]]])], 1)
    owner, _ = assign(boxes, torch.ones(1, 2), GRID)
    assert (owner[0][GRID.strides == 16] != 0).all()
    assert (owner[0] == 1).any()


def test_within_a_crowd_nothing_is_taught() -> None:
    owner, free = assign(PERSON, -torch.ones(1, 1), GRID)
    inside = ((GRID.centres > PERSON[0, 0, :2]) & (GRID.centres < PERSON[0, 0, 2:])).all(1)
    assert (owner == -1).all()
    assert not free[0][inside].any()
    assert free[0][~inside].all()


def test_the_right_answer_costs_nothing_and_a_wrong_one_something() -> None:
    target = batch(PERSON, [1.0])
    right = perfect(target)
    for name, value in losses(right, target, GRID).items():
        assert value < 1e-3, name
    wrong = {"boxes": right["boxes"] + 8, "scores": -right["scores"]}
    for name, value in losses(wrong, target, GRID).items():
        assert value > 0.05, name


def test_an_empty_picture_teaches_to_find_nobody() -> None:
    target = batch(torch.zeros(1, 1, 4), [0.0])
    boxes = torch.zeros(1, len(GRID.centres), 12)
    quiet, loud = (
        losses({"boxes": boxes, "scores": torch.full((1, len(GRID.centres), 1), s)}, target, GRID)
        for s in (-12.0, 3.0)
    )
    assert quiet["score"] < 1e-3 < loud["score"]
    assert quiet["box"] == quiet["points"] == 0
