"""How far a network is: what it finds on aligned crops that it does not learn from."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import nn

from blazepose.metrics import head_size, pck, torso_size
from blazepose.shapes import Bool, Float32
from blazepose.skeleton import Skeleton
from blazepose.train.loader import Crops, Order, as_input, loader

_ALPHA = 0.2
_HEAD_ALPHA = 0.5
_SIZE = 256

FOUND = ("landmarks", "center", "keypoints")
HEATMAP = ("heatmap",)


@dataclass(frozen=True, eq=False)
class Validation:
    """What a network finds on N crops that it does not learn from; K keypoints, px of 256.

    Attributes:
        scores: "pck": PCK@0.2 of the labelled keypoints, by torso where the skeleton has one, else
            by a quarter of the crop; "pckh": PCK@0.5 by the head, where the skeleton has one;
            "error": their mean distance in parts of the crop's side.
        items: number of each crop's example; the order is the same every time.
        found: (N, K, 2).
        truth: (N, K, 2).
        known: (N, K) what is labelled.
    """

    scores: dict[str, float]
    items: list[int]
    found: Float32[np.ndarray, "N K 2"]
    truth: Float32[np.ndarray, "N K 2"]
    known: Bool[np.ndarray, "N K"]


def validate(
    network: nn.Module,
    crops: Crops,
    skeleton: Skeleton,
    *,
    fabric: Fabric,
    batch: int,
    workers: int,
    outputs: Collection[str] = FOUND,
) -> Validation:
    """Look at every crop as it is.

    Args:
        network: to judge.
        crops: of any size.
        skeleton: the network's.
        fabric: the device.
        batch: crops at once.
        workers: processes that load crops.
        outputs: of the network, which tell where the points are; `HEATMAP` before it has learned
            `FOUND`.
    """
    network.eval()
    order = Order(len(crops), batch=1, seed=0)
    found, truth, known = [], [], []
    for item in loader(crops, order, batch=batch, workers=workers):
        with torch.no_grad(), fabric.autocast():
            out = network(as_input(fabric.to_device(item)), outputs)
        scale = np.float32(_SIZE / item["image"].shape[1])
        found.append(places(out, item["image"].shape[1])[:, : len(skeleton)] * scale)
        truth.append(item["points"][:, : len(skeleton), :2].numpy() * scale)
        known.append(item["trust"][:, : len(skeleton), 0].numpy() == 1)
    seen, true, sure = (np.concatenate(parts) for parts in (found, truth, known))
    scores = _scores(seen, true, sure, skeleton)
    return Validation(scores, [number for *_, number in order], seen, true, sure)


def places(out: dict[str, torch.Tensor], side: int) -> np.ndarray:
    """Landmarks, maxima of heatmaps, or the points seen from the likeliest centre.

    Returns:
        (B, P, 2) px of the crop, whose side is given.
    """
    if "landmarks" in out:
        return out["landmarks"][..., :2].float().cpu().numpy()
    if "heatmap" in out:
        size = out["heatmap"].shape[-1]
        cells = out["heatmap"].flatten(2).argmax(2)  # (B, P)
        # As targets are made, and as `blazepose.heatmap` reads them: cell i is the coordinate i.
        return (torch.stack([cells % size, cells // size], 2) * (side / size)).float().cpu().numpy()
    size = out["center"].shape[-1]
    best = out["center"].flatten(1).argmax(1)  # (B,)
    at = torch.arange(len(best), device=best.device)
    seen = out["keypoints"].flatten(2)[at, :, best].reshape(len(best), -1, 2)
    origin = torch.stack([best % size, best // size], 1)[:, None] + 0.5
    return ((seen + origin) * (side / size)).float().cpu().numpy()


def _scores(
    found: np.ndarray, truth: np.ndarray, known: np.ndarray, skeleton: Skeleton
) -> dict[str, float]:
    torso, head = (_size(m, truth, known, skeleton) for m in (torso_size, head_size))
    if not (torso > 0).any():
        torso = np.full(len(truth), _SIZE / 4)
    scores = {"pck": 100 * pck(found, truth, known, torso, _ALPHA)}
    if (head > 0).any():
        scores["pckh"] = 100 * pck(found, truth, known, head, _HEAD_ALPHA)
    distance = np.linalg.norm(found - truth, axis=-1)[known]
    return {**scores, "error": float(distance.mean()) / _SIZE}


def _size(
    measure: Callable[[np.ndarray, np.ndarray, Skeleton], np.ndarray],
    truth: np.ndarray,
    known: np.ndarray,
    skeleton: Skeleton,
) -> np.ndarray:
    """(N,) px; 0 where the skeleton has no such length."""
    try:
        return measure(truth, known, skeleton)
    except ValueError:
        return np.zeros(len(truth))
