"""What a detector shall say at its anchors, and what it costs to say something else.

A person belongs to the anchors near the middle of their box, on the grids that suit their size.
The score to be given there is the overlap of the box that is given with the right one, so that of
many candidates the best has the highest score (quality focal loss, arXiv 2006.04388).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812
from jaxtyping import Bool, Float, Int
from torch import Tensor

from blazepose.boxes import POSE_STRIDES, anchors
from blazepose.train.scenes import CROWD, PERSON

_SIDES = {8: (0, 72), 16: (48, 136), 32: (104, 1e9)}  # px of a person's longer side, per stride
_NEAR, _NEITHER = 1.0, 2.0  # cells from the middle: theirs; not nobody's either
_POINTS = 3


@dataclass(frozen=True)
class Grid:
    """Anchors of a detector. A anchors, px of its input.

    Attributes:
        centres: (A, 2).
        strides: (A,).
    """

    centres: Float[Tensor, "A 2"]
    strides: Float[Tensor, " A"]

    @staticmethod
    def of(size: int = 224) -> Grid:
        """Those of the released detector."""
        counts = {s: POSE_STRIDES.count(s) * 2 * (size // s) ** 2 for s in POSE_STRIDES}
        strides = torch.cat([torch.full((n,), float(s)) for s, n in counts.items()])
        return Grid(torch.from_numpy(anchors(size) * size), strides)


def losses(out: Mapping[str, Tensor], batch: Mapping[str, Tensor], grid: Grid) -> dict[str, Tensor]:
    """Score, box and points.

    Args:
        out: "boxes" (B, A, 12) px from the anchors, "scores" (B, A, 1) logits.
        batch: the fields of `scenes.Scene`, each with B in front.
        grid: the anchors.

    Returns:
        Name -> mean over the people.
    """
    centres = grid.centres
    owner, free = assign(batch["boxes"], batch["kind"], grid)  # (B, A)
    raw = out["boxes"].float().reshape(*out["boxes"].shape[:2], 6, 2)  # (B, A, 6, 2)
    middle, size = raw[:, :, 0] + centres, raw[:, :, 1]
    given = torch.cat([middle - size / 2, middle + size / 2], -1)
    mine = owner >= 0
    row = owner.clamp(min=0)
    truth = batch["boxes"].gather(1, row[..., None].expand(-1, -1, 4))
    overlap, enclosing = _overlap(given[mine], truth[mine])
    quality = torch.zeros_like(out["scores"][..., 0]).float()
    quality[mine] = overlap.detach().clamp(min=0)
    count = mine.sum().clamp(min=1)
    logits = out["scores"][..., 0].float()
    weight = (quality - logits.sigmoid()).abs() ** 2 * (mine | free)
    score = weight * F.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    place = raw[:, :, 2 : 2 + _POINTS] + centres[:, None]
    goal = batch["points"].gather(1, row[..., None, None].expand(-1, -1, _POINTS, 2))
    sure = mine & (batch["known"].gather(1, row) > 0)
    side = (truth[..., 2:] - truth[..., :2]).amax(-1).clamp(min=1)
    gap = (place - goal).abs().sum(-1).mean(-1) / side
    small = (raw[:, :, 1] - (truth[..., 2:] - truth[..., :2])).abs().sum(-1) / side
    return {
        "score": score.sum() / count,
        "box": (1 - overlap + enclosing).sum() / count + small[mine].sum() / count,
        "points": gap[sure].sum() / sure.sum().clamp(min=1),
    }


def assign(
    boxes: Float[Tensor, "B M 4"], kind: Float[Tensor, "B M"], grid: Grid
) -> tuple[Int[Tensor, "B A"], Bool[Tensor, "B A"]]:
    """Whose each anchor is.

    Returns:
        Row of the person, the smallest where there are several, -1 for nobody's; and which
        anchors shall surely say nobody.
    """
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2  # (B, M, 2)
    side = (boxes[..., 2:] - boxes[..., :2]).amax(-1)  # (B, M)
    away = (grid.centres[None, :, None] - middle[:, None]).abs().amax(-1)  # (B, A, M)
    cells = away / grid.strides[None, :, None]
    inside = _inside(grid.centres, boxes)
    low = torch.zeros_like(grid.strides)
    high = torch.zeros_like(grid.strides)
    for stride, (least, most) in _SIDES.items():
        low[grid.strides == stride], high[grid.strides == stride] = least, most
    suits = (side[:, None] >= low[None, :, None]) & (side[:, None] < high[None, :, None])
    person = (kind == PERSON)[:, None]
    theirs = person & suits & (cells < _NEAR) & inside
    score = torch.where(theirs, -side[:, None], torch.full_like(cells, -torch.inf))
    best, owner = score.max(-1)
    owner = torch.where(best.isfinite(), owner, torch.full_like(owner, -1))
    crowd = (((kind == CROWD)[:, None]) & inside).any(-1)
    close = (person & (cells < _NEITHER) & inside).any(-1)
    return owner, ~(crowd | close) & (owner < 0)


def _inside(centres: Float[Tensor, "A 2"], boxes: Float[Tensor, "B M 4"]) -> Bool[Tensor, "B A M"]:
    at = centres[None, :, None]
    return ((at >= boxes[:, None, :, :2]) & (at <= boxes[:, None, :, 2:])).all(-1)


def _overlap(
    one: Float[Tensor, "N 4"], other: Float[Tensor, "N 4"]
) -> tuple[Float[Tensor, " N"], Float[Tensor, " N"]]:
    """IoU, and the share of the smallest box round both that is in neither (GIoU's term)."""

    def area(low: Tensor, high: Tensor) -> Tensor:
        return (high - low).clamp(min=0).prod(-1)

    low, high = torch.maximum(one[:, :2], other[:, :2]), torch.minimum(one[:, 2:], other[:, 2:])
    common = area(low, high)
    union = area(one[:, :2], one[:, 2:]) + area(other[:, :2], other[:, 2:]) - common
    hull = area(torch.minimum(one[:, :2], other[:, :2]), torch.maximum(one[:, 2:], other[:, 2:]))
    return common / union.clamp(min=1), (hull - union) / hull.clamp(min=1)
