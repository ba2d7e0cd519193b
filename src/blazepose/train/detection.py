"""What a finder shall say at its cells, and what it costs to say something else.

A person belongs to the cells near the middle of their box. The score to be given there is the
overlap of the box that is given with the right one, so that of many candidates the best has the
highest score (quality focal loss, arXiv 2006.04388).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from blazepose.nets.finder import STRIDE
from blazepose.shapes import Bool, Float, Int
from blazepose.train.scenes import CROWD, PERSON

# Cells from the middle, or parts of the person's longer side: theirs; not surely nobody's.
_THEIRS, _NEITHER = (1.0, 0.1), (2.0, 0.2)


def losses(
    out: Mapping[str, Tensor], batch: Mapping[str, Tensor], centres: Float[Tensor, "A 2"]
) -> dict[str, Tensor]:
    """Score, box and points.

    Args:
        out: as `nets.finder.Finder` gives it.
        batch: the fields of `scenes.Scene`, each with B in front.
        centres: middles of the cells, px.

    Returns:
        Name -> mean over the cells that are somebody's.
    """
    owner, free = assign(batch["boxes"], batch["kind"], centres)  # (B, A)
    mine, row = owner >= 0, owner.clamp(min=0)
    truth = batch["boxes"].gather(1, row[..., None].expand(-1, -1, 4))
    overlap, enclosing = _overlap(out["boxes"].float()[mine], truth[mine])
    logits = out["scores"].float()[..., 0]
    quality = torch.zeros_like(logits)
    quality[mine] = overlap.detach().clamp(min=0)
    count = mine.sum().clamp(min=1)
    weight = (quality - logits.sigmoid()).abs() ** 2 * (mine | free)
    score = weight * F.binary_cross_entropy_with_logits(logits, quality, reduction="none")
    goal = batch["points"].flatten(2)  # (B, M, 6)
    goal = goal.gather(1, row[..., None].expand(-1, -1, goal.shape[2]))
    side = (truth[..., 2:] - truth[..., :2]).amax(-1).clamp(min=1)
    gap = (out["points"].float() - goal).abs().mean(-1) / side
    sure = mine & (batch["known"].gather(1, row) > 0)
    return {
        "score": score.sum() / count,
        "box": (1 - overlap + enclosing).sum() / count,
        "points": gap[sure].sum() / sure.sum().clamp(min=1),
    }


def assign(
    boxes: Float[Tensor, "B M 4"], kind: Float[Tensor, "B M"], centres: Float[Tensor, "A 2"]
) -> tuple[Int[Tensor, "B A"], Bool[Tensor, "B A"]]:
    """Whose each cell is.

    Returns:
        Row of the person, the smallest where there are several, -1 for nobody's; and which
        cells shall surely say nobody.
    """
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2  # (B, M, 2)
    side = (boxes[..., 2:] - boxes[..., :2]).amax(-1)[:, None]  # (B, 1, M)
    away = (centres[None, :, None] - middle[:, None]).abs().amax(-1)  # (B, A, M)
    inside = _inside(centres, boxes)
    person = (kind == PERSON)[:, None] & inside

    def near(reach: tuple[float, float]) -> Tensor:
        return away < torch.maximum(torch.full_like(side, reach[0] * STRIDE), reach[1] * side)

    score = torch.where(person & near(_THEIRS), -side, torch.full_like(away, -torch.inf))
    best, owner = score.max(-1)
    owner = torch.where(best.isfinite(), owner, torch.full_like(owner, -1))
    crowd = ((kind == CROWD)[:, None] & inside).any(-1)
    close = (person & near(_NEITHER)).any(-1)
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
