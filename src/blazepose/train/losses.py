"""Losses: a network's outputs and a batch of targets -> one number each.

All are means over what is known, weighted by its trust, so that data with few labels does not
count less. Distances are in parts of the crop's side, so that weights do not depend on its size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from blazepose.shapes import Float
from blazepose.train.loader import Batch

Outputs = Mapping[str, Tensor]
Distance = Callable[[Tensor], Tensor]

_WING, _CURVATURE = 10 / 256, 2 / 256
_HUBER = 4 / 256
_HUBER_WORLD_M = 0.05


@dataclass(frozen=True)
class Targets:
    """How targets are made.

    Attributes:
        distance: name in `DISTANCES`.
        sigma: of Gaussian heatmaps, in heatmap px.
        mirror: (K,) left-right partners, for the loss of mirrored joints.
    """

    distance: str
    sigma: float
    mirror: tuple[int, ...]


def wing(error: Tensor) -> Tensor:
    """Wing loss of distances (arXiv 1711.06753): log-like near 0, linear from 10 px of 256 on."""
    constant = _WING - _WING * math.log(1 + _WING / _CURVATURE)
    return torch.where(error < _WING, _WING * torch.log(1 + error / _CURVATURE), error - constant)


DISTANCES: dict[str, Distance] = {
    "l1": lambda error: error,
    "mse": lambda error: error**2,
    "huber": lambda error: torch.where(error < _HUBER, error**2 / (2 * _HUBER), error - _HUBER / 2),
    "wing": wing,
}
"""Of the difference of a coordinate, in parts of the crop's side."""


def landmarks(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """X and y of the landmarks."""
    return _coordinates(out["landmarks"][..., :2] / _side(batch), batch, targets)


def depth(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """Depth of the landmarks; always Huber, since depth is never labelled but taught."""
    error = (out["landmarks"][..., 2] - batch["points"][..., 2]).abs() / _side(batch)
    return _mean(DISTANCES["huber"](error), batch["trust"][..., 1])


def world(out: Outputs, batch: Batch, _: Targets) -> Tensor:
    """World coordinates, Huber, in metres."""
    error = F.huber_loss(out["world"], batch["world"], reduction="none", delta=_HUBER_WORLD_M)
    return _mean(error.mean(-1) / _HUBER_WORLD_M, batch["world_trust"])


def visibility(out: Outputs, batch: Batch, _: Targets) -> Tensor:
    """Whether each point can be seen."""
    logits = out["landmarks"][..., 3]
    error = F.binary_cross_entropy_with_logits(logits, batch["visible"], reduction="none")
    return _mean(error, batch["visible_trust"])


def in_frame(out: Outputs, batch: Batch, _: Targets) -> Tensor:
    """Whether each point is in the picture; a network of the paper has no such output."""
    logits = out["landmarks"][..., 4]
    error = F.binary_cross_entropy_with_logits(logits, batch["in_frame"], reduction="none")
    return _mean(error, (batch["trust"][..., 0] > 0).float())


def presence(out: Outputs, batch: Batch, _: Targets) -> Tensor:
    """Whether somebody is there."""
    probability = out["presence"].flatten().float().clamp(1e-6, 1 - 1e-6)
    return F.binary_cross_entropy(probability, batch["presence"])


def heatmap(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """Gaussian heatmaps, binary cross entropy, mean over pixels."""
    maps = out["heatmap"].float()
    aim = _aim(maps, batch, targets)
    error = F.binary_cross_entropy_with_logits(maps, aim, reduction="none")
    return _mean(error.mean((2, 3)), batch["trust"][..., 0] * batch["in_frame"])


def mirrored(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """No answer at the place of a point's left-right partner (the LSP study's heatmap loss).

    The study takes BCE(M, 1 - H) where the partner's Gaussian M > 0. Of its two halves this is
    -M log(1 - H). The other, -(1 - M) log H, asks for H = 1 in a ring round the partner, where the
    heatmap's own loss asks for 0. Places near the point itself do not count, nor do points without
    a partner.
    """
    maps, partner = out["heatmap"].float(), list(targets.mirror)
    own = _aim(maps, batch, targets)
    answered = F.softplus(maps)  # -log(1 - H)
    here = batch["trust"][..., 0] * batch["in_frame"]
    alone = torch.tensor([p == k for k, p in enumerate(partner)], device=maps.device)
    trust = (here * here[:, partner]).masked_fill(alone, 0)
    return _mean((own[:, partner] * (1 - own) * answered).mean((2, 3)), trust)


def offsets(out: Outputs, batch: Batch, _: Targets) -> Tensor:
    """From the pixels round each point to the point itself, in heatmap px."""
    maps = out["offsets"]
    size = maps.shape[-1]
    count = maps.shape[1] // 2
    maps = maps.reshape(-1, count, 2, size, size)
    aim = batch["points"][..., :2] * (size / _side(batch))  # (B, K, 2)
    gap = aim[..., None, None] - _grid(size, maps.device)  # (B, K, 2, S, S)
    near = (gap.abs().amax(2) < _OFFSET_REACH) * batch["trust"][..., :1, None]
    return _mean((maps - gap).abs().mean(2) / _OFFSET_REACH, near)


def integral(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """X and y as the mean of the heatmap (arXiv 1711.08229)."""
    maps = out["heatmap"]
    size = maps.shape[-1]
    weights = maps.float().flatten(2).softmax(-1)  # (B, K, S * S)
    places = (_grid(size, maps.device).flatten(1) - _CELL) / size  # (2, S * S)
    return _coordinates(weights @ places.T, batch, targets)


def center(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """Where a person's centre is, penalty-reduced focal loss (arXiv 1904.07850)."""
    logits = out["center"].flatten(1).float()
    size = out["center"].shape[-1]
    middle = _middle(batch) * size  # (B, 1, 2)
    aim = gaussians(middle, size, targets.sigma).flatten(1) * batch["presence"][:, None]
    hit = (aim > _PEAK).float()
    chance = logits.sigmoid()
    found = hit * (1 - chance) ** 2 * F.logsigmoid(logits)
    missed = (1 - hit) * (1 - aim) ** 4 * chance**2 * F.logsigmoid(-logits)
    return -(found + missed).sum() / hit.sum().clamp(min=1)


def keypoints(out: Outputs, batch: Batch, targets: Targets) -> Tensor:
    """Points seen from the places near the centre."""
    maps = out["keypoints"]
    size = maps.shape[-1]
    count = maps.shape[1] // 2
    aim = batch["points"][..., :2] * (size / _side(batch))
    gap = aim[..., None, None] - _grid(size, maps.device)
    error = (maps.reshape(-1, count, 2, size, size) - gap).abs() / size
    near = gaussians(_middle(batch) * size, size, targets.sigma)  # (B, 1, S, S)
    near = near * (near > 0.3) * batch["trust"][..., :1, None]
    return _mean(DISTANCES[targets.distance](error).mean(2), near)


LOSSES: dict[str, Callable[[Outputs, Batch, Targets], Tensor]] = {
    function.__name__: function
    for function in (
        *(landmarks, depth, world, visibility, in_frame, presence, heatmap, mirrored, offsets),
        *(integral, center, keypoints),
    )
}
NEEDS = {
    **dict.fromkeys(("landmarks", "depth", "visibility", "in_frame"), "landmarks"),
    **dict.fromkeys(("integral", "mirrored"), "heatmap"),
}
"""Output that a loss reads, where it is not the one of the same name."""
MAPS = {"heatmap", "offsets"}
"""Outputs whose size follows the image's."""


def keep(now: Tensor, before: Tensor, *, probability: bool = False) -> Tensor:
    """An output as the starting weights give it; logits, or else probabilities."""
    if probability:
        return F.binary_cross_entropy(now.float().clamp(1e-6, 1 - 1e-6), before.float().clamp(0, 1))
    return F.binary_cross_entropy_with_logits(now.float(), before.float().sigmoid())


def gaussians(
    places: Float[Tensor, "B K 2"], size: int, sigma: float
) -> Float[Tensor, "B K size size"]:
    """Maps with a Gaussian of height 1 round each place (px of the map, corner convention)."""
    axis = torch.arange(size, device=places.device) + 0.5
    along = torch.exp(-((axis - places[..., None]) ** 2) / (2 * sigma**2))  # (B, K, 2, S)
    return along[:, :, 1, :, None] * along[:, :, 0, None, :]


# Cell i of a heatmap stands for the coordinate i of it, not for the cell's middle: so it is in the
# released networks, and so `heatmap` reads it.
_CELL = 0.5
_OFFSET_REACH = 6.0
_PEAK = 0.9


def _aim(maps: Tensor, batch: Batch, targets: Targets) -> Float[Tensor, "B K S S"]:
    size = maps.shape[-1]
    places = batch["points"][..., :2] * (size / _side(batch)) + _CELL
    return gaussians(places, size, targets.sigma)


def _coordinates(places: Tensor, batch: Batch, targets: Targets) -> Tensor:
    error = (places.float() - batch["points"][..., :2] / _side(batch)).abs()
    return _mean(DISTANCES[targets.distance](error).mean(-1), batch["trust"][..., 0])


def _mean(values: Tensor, trust: Tensor) -> Tensor:
    return (values.float() * trust).sum() / trust.sum().clamp(min=1e-6)


def _side(batch: Batch) -> int:
    return batch["image"].shape[1]


def _grid(size: int, device: torch.device) -> Float[Tensor, "2 S S"]:
    axis = torch.arange(size, device=device) + 0.5
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"))


def _middle(batch: Batch) -> Float[Tensor, "B 1 2"]:
    """Middle of the box round the known points, 0..1 of the crop."""
    known = (batch["trust"][..., :1] > 0).float()
    points = batch["points"][..., :2] / _side(batch)
    low = (points + (1 - known) * 10).amin(1)
    high = (points - (1 - known) * 10).amax(1)
    return ((low + high) / 2)[:, None]
