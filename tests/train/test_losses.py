import math
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor

from blazepose.heatmap import peaks
from blazepose.train.loader import Batch
from blazepose.train.losses import DISTANCES, LOSSES, Targets, gaussians, keep
from blazepose.train.recipe import LossName

SIDE, MAP = 256, 64
POINTS = ((66.0, 130.0), (186.0, 98.0), (128.0, 40.0))  # left, right, middle
TARGETS = Targets("l1", 2.0, (1, 0, 2))


def batch_of(*, trust: tuple[float, ...] = (1, 1, 1), presence: float = 1.0) -> Batch:
    """One crop with three points, of which left and right are partners."""
    known = torch.tensor([trust])
    xy = torch.tensor([POINTS])
    return {
        "image": torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8),
        "points": torch.cat([xy, torch.tensor([[[20.0], [-20.0], [5.0]]])], 2),
        "trust": known[..., None].repeat(1, 1, 2),
        "visible": torch.tensor([[1.0, 0.0, 1.0]]),
        "visible_trust": known,
        "in_frame": torch.ones(1, 3),
        "world": torch.tensor([[[0.3, -0.5, 0.1], [-0.3, -0.5, 0.1], [0.0, -0.8, 0.0]]]),
        "world_trust": known,
        "presence": torch.tensor([float(presence)]),
    }


def truth() -> dict[str, Tensor]:
    """What a perfect network says; the classifiers are as sure as logits of 20."""
    batch = batch_of()
    seen = (batch["visible"] * 40 - 20)[..., None]
    places = batch["points"][..., :2] * (MAP / SIDE)  # (1, 3, 2)
    axis = torch.arange(MAP) + 0.5
    grid = torch.stack(torch.meshgrid(axis, axis, indexing="xy"))
    gap = (places[..., None, None] - grid).flatten(1, 2)  # (1, 6, S, S)
    middle = (places.amin(1) + places.amax(1)) / 2
    return {
        "landmarks": torch.cat([batch["points"], seen, torch.full_like(seen, 20)], 2),
        "world": batch["world"].clone(),
        "presence": torch.ones(1, 1),
        "heatmap": torch.logit(gaussians(places + 0.5, MAP, TARGETS.sigma), eps=1e-6),
        "offsets": gap,
        "keypoints": gap.clone(),
        "center": 12 * (gaussians(middle[:, None], MAP, TARGETS.sigma) > 0.9).float() - 6,
    }


def loss(name: str, out: dict[str, Tensor], batch: Batch | None = None, **targets) -> float:
    used = Targets(**{**vars(TARGETS), **targets})
    return float(LOSSES[name](out, batch or batch_of(), used))


def gradient(name: str, out: dict[str, Tensor], head: str, batch: Batch | None = None) -> Tensor:
    leaf = out[head].clone().requires_grad_()
    LOSSES[name]({**out, head: leaf}, batch or batch_of(), TARGETS).backward()
    assert leaf.grad is not None
    return leaf.grad


def test_a_recipe_can_name_every_loss() -> None:
    assert set(LOSSES) == set(get_args(LossName))


@pytest.mark.parametrize(
    ("distance", "expected"),
    [
        ("l1", 0.1),
        ("mse", 0.01),
        ("huber", 0.1 - 2 / 256),
        ("wing", 0.1 - 10 / 256 + 10 / 256 * math.log(6)),
    ],
)
def test_a_coordinate_off_by_a_tenth_costs_what_the_distance_says(
    distance: str, expected: float
) -> None:
    out = truth()
    out["landmarks"][0, 0, 0] += 25.6
    assert loss("landmarks", out, distance=distance) == pytest.approx(expected / 6, rel=1e-5)
    trusted = batch_of(trust=(0.5, 1, 0))
    assert loss("landmarks", out, trusted, distance=distance) == pytest.approx(
        expected / 2 * 0.5 / 1.5, rel=1e-5
    )


@pytest.mark.parametrize("name", DISTANCES)
def test_a_distance_starts_at_zero_and_grows_without_a_jump(name: str) -> None:
    errors = torch.linspace(0, 1, 100_001)
    costs = DISTANCES[name](errors)
    assert costs[0] == 0
    assert torch.all(costs.diff() > 0)
    assert costs.diff().max() < 6e-5  # no slope above 6


def test_depth_and_world_are_huber() -> None:
    out = truth()
    out["landmarks"][0, 0, 2] += 25.6
    out["world"][0, 0] += torch.tensor([0.1, 0, 0])
    assert loss("depth", out, distance="l1") == pytest.approx((0.1 - 2 / 256) / 3, rel=1e-5)
    assert loss("world", out) == pytest.approx((0.1 - 0.025) / 9, rel=1e-4)


def test_a_classifier_that_does_not_know_costs_a_bit() -> None:
    out = truth()
    out["landmarks"][..., 3:] = 0
    out["presence"][:] = 0.5
    for name in ("visibility", "in_frame", "presence"):
        assert loss(name, out) == pytest.approx(math.log(2), rel=1e-5)


@pytest.mark.parametrize(
    "name", sorted(set(LOSSES) - {"heatmap", "mirrored", "integral", "center"})
)
def test_the_truth_costs_nothing(name: str) -> None:
    assert loss(name, truth()) == pytest.approx(0, abs=2e-6)


@pytest.mark.parametrize("name", ["heatmap", "center"])
def test_no_map_costs_less_than_the_true_one(name: str) -> None:
    best = loss(name, truth())
    if name == "heatmap":
        for change in (-0.1, 0.1):
            assert loss(name, {name: truth()[name] + change}) > best
    out = truth()
    out[name] = out[name].roll(5, -1)
    assert loss(name, out) > best


def test_the_mean_of_a_sharp_heatmap_is_its_point() -> None:
    out = truth()
    out["heatmap"] = out["heatmap"] * 10
    assert loss("integral", out) < 1e-3
    out["heatmap"] = out["heatmap"].roll(8, -1)  # an eighth of the map
    assert loss("integral", out) == pytest.approx(0.125 / 2, rel=0.01)


def test_distances_do_not_depend_on_the_size_of_the_crop() -> None:
    out, small, batch = truth(), truth(), batch_of()
    out["landmarks"] += 10
    small["landmarks"] = out["landmarks"] / 2
    batch["image"] = torch.zeros(1, SIDE // 2, SIDE // 2, 3)
    batch["points"] = batch["points"] / 2
    for name in ("landmarks", "depth"):
        assert loss(name, small, batch) == pytest.approx(loss(name, out), rel=1e-5)


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"presence", "center"}))
def test_what_is_not_trusted_has_no_influence(name: str) -> None:
    out, wild = truth(), truth()
    batch, other = batch_of(trust=(0, 1, 0.5)), batch_of(trust=(0, 1, 0.5))
    for head in set(wild) - {"presence", "center"}:
        rows = wild[head].reshape(1, 3, -1)
        rows[0, 0] = 1000 * torch.randn(rows.shape[2])
    other["points"][0, 0], other["world"][0, 0] = torch.tensor([1e4, -1e4, 1e4]), 1e4
    other["visible"][0, 0] = 0.5
    for values in (out, wild):
        values["landmarks"][0, 1:] += 3  # something to learn
    assert loss(name, wild, other) == pytest.approx(loss(name, out, batch), rel=1e-5, abs=1e-9)
    head = {"integral": "heatmap", "mirrored": "heatmap"}.get(name, name)
    head = head if head in out else "landmarks"
    assert not gradient(name, wild, head, other).reshape(1, 3, -1)[0, 0].any()


@pytest.mark.parametrize("name", sorted(set(LOSSES) - {"presence", "center"}))
def test_where_nobody_is_there_is_nothing_to_learn_but_absence(name: str) -> None:
    batch = batch_of(trust=(0, 0, 0), presence=0)
    assert loss(name, truth(), batch) == 0


def test_absence_is_learned() -> None:
    batch = batch_of(trust=(0, 0, 0), presence=0)
    out = truth()
    assert gradient("presence", {**out, "presence": torch.full((1, 1), 0.7)}, "presence", batch) > 0
    assert loss("center", out, batch) > loss("center", {**out, "center": out["center"] - 9}, batch)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        *(("landmarks", "landmarks"), ("depth", "landmarks"), ("visibility", "landmarks")),
        *(("in_frame", "landmarks"), ("world", "world"), ("heatmap", "heatmap")),
        *(("offsets", "offsets"), ("keypoints", "keypoints"), ("center", "center")),
        *(("integral", "heatmap"), ("mirrored", "heatmap")),
    ],
)
def test_a_small_step_against_the_gradient_makes_it_better(name: str, head: str) -> None:
    torch.manual_seed(0)
    out = truth()
    out[head] = out[head].clamp(-3, 3) + torch.randn_like(out[head])
    slope = gradient(name, out, head)
    assert slope.abs().max() > 0
    step = 1e-2 / slope.norm()
    assert loss(name, {**out, head: out[head] - step * slope}) < loss(name, out)


def test_a_heatmap_rises_at_its_point_and_falls_elsewhere() -> None:
    out = truth()
    out["heatmap"] = torch.zeros(1, 3, MAP, MAP)
    slope = gradient("heatmap", out, "heatmap")[0, 0]
    x, y = (round(v / 4) for v in POINTS[0])
    assert divmod(int(slope.argmin()), MAP) == (y, x)
    assert slope[y, x] < 0 < slope[5, 5]


def test_a_learned_heatmap_is_read_where_the_point_is() -> None:
    out, batch = truth(), batch_of()
    best = float(LOSSES["heatmap"](out, batch, TARGETS))
    for aside in (-1, 1):
        assert loss("heatmap", {**out, "heatmap": out["heatmap"].roll(aside, -1)}) > best
    places = (batch["points"][0, :, :2] / SIDE).numpy()
    read = peaks(np.full_like(places, 0.5), out["heatmap"][0].permute(1, 2, 0).numpy())
    assert read == pytest.approx(places, abs=0.2 / MAP)  # the window is lopsided


def test_an_answer_at_the_partners_place_is_punished_and_no_other() -> None:
    quiet = torch.full((1, 3, MAP, MAP), -10.0)
    (lx, ly), (rx, ry), (mx, my) = ((int(x / 4), int(y / 4)) for x, y in POINTS)

    def cost(row: int, x: int, y: int) -> float:
        maps = quiet.clone()
        maps[0, row, y, x] = 5
        return loss("mirrored", {"heatmap": maps})

    nothing = loss("mirrored", {"heatmap": quiet})
    assert cost(0, rx, ry) > nothing + 1e-4
    assert cost(1, lx, ly) > nothing + 1e-4
    for allowed in ((0, lx, ly), (1, rx, ry), (2, lx, ly), (2, mx, my)):
        assert cost(*allowed) == pytest.approx(nothing, abs=1e-6)


def test_offsets_far_from_the_point_do_not_count() -> None:
    out = truth()
    x, y = (int(v / 4) for v in POINTS[0])
    far = out["offsets"].clone()
    far[0, :2, :, x + 7 :] += 50
    assert loss("offsets", {"offsets": far}) == pytest.approx(0, abs=1e-6)
    out["offsets"][0, 0, y, x] += 6  # as far as the reach
    reached = 11 * 11 + 11 * 11 + 12 * 12  # cells, those of the three points
    assert loss("offsets", out) == pytest.approx(0.5 / reached, rel=1e-4)


def test_gaussians_peak_at_their_point_and_fall_with_sigma() -> None:
    maps = gaussians(torch.tensor([[[10.5, 20.5], [10.0, 20.0]]]), 32, 2.0)
    assert maps.shape == (1, 2, 32, 32)
    assert maps[0, 0, 20, 10] == 1
    assert maps[0, 0, 20, 12] == pytest.approx(math.exp(-0.5))
    assert maps[0, 0, 23, 10] == pytest.approx(math.exp(-9 / 8))
    corners = maps[0, 1, 19:21, 9:11]
    assert torch.allclose(corners, corners[0, 0])
    assert maps[0, 1].max() == corners.max()


def test_what_shall_stay_is_pulled_to_what_it_was() -> None:
    before = torch.tensor([[-2.0, 0.0, 3.0]])
    for probability in (False, True):
        start = before.sigmoid() if probability else before
        for now, sign in ((start - 0.05, -1), (start, 0), (start + 0.02, 1)):
            leaf = now.clone().requires_grad_()
            keep(leaf, start, probability=probability).backward()
            assert leaf.grad is not None
            assert torch.all(leaf.grad.round(decimals=6).sign() == sign)
