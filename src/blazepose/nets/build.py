"""Networks by name: each is a row of sizes over a builder.

>>> network = build("full", skeleton=COCO17)
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor

from blazepose.errors import did_you_mean
from blazepose.nets.center import CenterNet
from blazepose.nets.detector import FaceDetector, PersonDetector
from blazepose.nets.finder import Finder
from blazepose.nets.landmark import FULL, HEAVY, LITE, RELEASED_POINTS, LandmarkNet
from blazepose.nets.network import ImageNetwork
from blazepose.nets.paper import PAPER_FULL, PAPER_LITE, PaperNet
from blazepose.skeleton import BLAZEPOSE33, Skeleton, conversion

NETWORKS: dict[str, Callable[[int], ImageNetwork]] = {
    "lite": partial(LandmarkNet, LITE),
    "full": partial(LandmarkNet, FULL),
    "heavy": partial(LandmarkNet, HEAVY),
    "detector": lambda _: PersonDetector(),
    "face": lambda _: FaceDetector(),
    "finder": lambda _: Finder(),
    "paper-lite": partial(PaperNet, PAPER_LITE),
    "paper-full": partial(PaperNet, PAPER_FULL),
    "paper-full-cbam": partial(PaperNet, replace(PAPER_FULL, attention="cbam")),
    "paper-full-vit": partial(PaperNet, replace(PAPER_FULL, attention="vit")),
    "paper-full-vit2": partial(PaperNet, replace(PAPER_FULL, attention="vit2")),
    "paper-full-fine": partial(PaperNet, replace(PAPER_FULL, fine_regression=True)),
    "center": partial(CenterNet, PAPER_FULL),
}
"""Name -> builder that takes the number of points (detectors have no use for it)."""

# Values per point, by the name of the head that gives them in any of the networks above.
_HEADS = {
    **{"landmarks": 5, "world": 3, "coordinates": 2, "offsets": 2, "keypoints": 2},
    **{"heatmap": 1, "visibility": 1},
}


def build(name: str, *, skeleton: Skeleton = BLAZEPOSE33) -> ImageNetwork:
    """A network with fresh weights.

    Args:
        name: of a row of `NETWORKS`.
        skeleton: the points that landmark networks find.

    Raises:
        ValueError: unknown name; the message offers near matches.
    """
    if name not in NETWORKS:
        raise ValueError(f"unknown network {name!r}: {did_you_mean(name, NETWORKS)}")
    return NETWORKS[name](points_of(skeleton))


def points_of(skeleton: Skeleton) -> int:
    """Landmarks that a network has for a skeleton; the released ones have six beyond the body."""
    return RELEASED_POINTS if skeleton.names == BLAZEPOSE33.names else len(skeleton)


def swap_skeleton(
    network: ImageNetwork, name: str, *, source: Skeleton, target: Skeleton
) -> ImageNetwork:
    """The same network for other points.

    All but the heads is copied. The heads are linear, so a point that `target` shares with
    `source`, or that is a weighted mean of its points, is found at once as `source` has it; the
    others start afresh.

    Args:
        network: has the weights.
        name: what it was built as.
        source: its skeleton.
        target: the wanted one.

    Raises:
        ValueError: unknown name.
    """
    swapped = build(name, skeleton=target)
    state, old = swapped.state_dict(), network.state_dict()
    rows = _rows(source, target)
    for key in state:
        values = _HEADS.get(key.partition(".")[0])
        if values is None:
            state[key] = old[key]
        elif len(state[key]) == values * points_of(target):
            state[key] = _mix(rows, old[key], state[key], values)
    swapped.load_state_dict(state)
    return swapped


def _rows(source: Skeleton, target: Skeleton) -> dict[int, Tensor]:
    """For each point of `target` that `source` can give: weights of the old network's points."""
    rows = {}
    for number, name in enumerate(target.names):
        with suppress(ValueError):
            weights = torch.zeros(points_of(source))
            weights[: len(source)] = torch.from_numpy(
                conversion(source, Skeleton(name, (name,), ()))[0]
            )
            rows[number] = weights
    return rows


def _mix(rows: dict[int, Tensor], old: Tensor, fresh: Tensor, values: int) -> Tensor:
    """Weights or biases of a head: mixed from the old ones where there is a row, else fresh."""
    mixed = fresh.reshape(-1, values, *fresh.shape[1:]).clone()  # (K, values, ...)
    known = old.reshape(-1, values, *old.shape[1:])
    for number, weights in rows.items():
        mixed[number] = torch.tensordot(weights, known, 1)
    return mixed.reshape(fresh.shape)
