"""A large network's answers as targets, crop by crop: heatmaps whole, and not their maxima alone.

Teacher and student see the same varied crop (function matching, Beyer et al. 2022), but the
student with other people in the way. The teacher's answer is the mean of its answers to the crop
and to the crop in a mirror; a label far from it overrides it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from blazepose import heatmap
from blazepose.boxes import sigmoid
from blazepose.runtimes import Runtime
from blazepose.shapes import Float16, Float32, UInt8
from blazepose.skeleton import BLAZEPOSE33
from blazepose.train.loader import Batch
from blazepose.train.others import Others

SIDE, CELLS = 256, 64
_ROWS, _POINTS = 39, 33
_AUXILIARY = slice(33, 35)
_USED = 35  # the other rows are without a use
_SWAP = np.concatenate([BLAZEPOSE33.mirror, np.arange(_POINTS, _ROWS)])
_LEFT_SHOULDER, _RIGHT_HIP = (BLAZEPOSE33.index(n) for n in ("left_shoulder", "right_hip"))

_SOMEBODY, _SURELY, _MODEL = 0.5, 0.7, 0.9  # scores to be learned from, to be hidden, to be cut out
_ONE_PLACE = 0.75  # height of the mean of two maps, in parts of theirs: they mean the same place
_SHARPER = 1.3  # exponent: as sharp as one map
_ASTRAY_PX, _UNSURE, _OUTSIDE = 20.0, 0.1, 0.2  # trust where the two views differ; off the crop
_DIFFERS, _LEAST_TORSO_PX = 0.25, 30.0  # a label so many torsos from the teacher is believed
_LABEL_HEIGHT, _LABEL_SIGMA, _LABEL_TRUST = 0.8, 1.4, 0.7
_TINY = 1e-5  # heatmaps keep so far from 0 and 1


@dataclass(frozen=True, eq=False)
class Answer:
    """A crop and what a network shall say of it. K = 39 rows of landmarks; px of the crop.

    Attributes:
        image: (S, S, 3) RGB.
        heatmap: (K, 64, 64) probabilities.
        landmarks: (K, 5) x, y, z, and probabilities of being visible and in the crop.
        trust: (K,) 0..1, weight of x, y and z.
        sure: (K,) 0..1, weight of the heatmap.
        presence: 0..1.
        world: (K, 3) metres.
    """

    image: UInt8[np.ndarray, "S S 3"]
    heatmap: Float16[np.ndarray, "K 64 64"]
    landmarks: Float32[np.ndarray, "K 5"]
    trust: Float32[np.ndarray, " K"]
    sure: Float32[np.ndarray, " K"]
    presence: np.float32
    world: Float32[np.ndarray, "K 3"]

    def mirrored(self) -> Answer:
        """The same in a mirror."""
        return Answer(
            np.ascontiguousarray(self.image[:, ::-1]),
            _in_mirror(self.heatmap[_SWAP], axis=2),
            _coordinates_in_mirror(self.landmarks),
            self.trust[_SWAP],
            self.sure[_SWAP],
            self.presence,
            self.world[_SWAP] * np.array([-1, 1, 1], np.float32),
        )


class Teacher:
    """From batches of crops to answers, two for each: as it is and in a mirror."""

    def __init__(self, large: Runtime, masks: Runtime, others: Others) -> None:
        """Take the networks.

        Args:
            large: the one to learn from; landmarks, presence, heatmap and world.
            masks: gives the mask of the person, for cut-outs.
            others: who gets in the way.
        """
        self._large, self._masks, self._others = large, masks, others

    def __call__(self, batch: Batch) -> Iterator[Answer]:
        """Answers to a batch of `loader.Crops`."""
        images = batch["image"].numpy()
        both = np.concatenate([images, images[:, :, ::-1]])
        said = [_read(output) for output in self._large.each(np.ascontiguousarray(both))]
        masks = [sigmoid(output["mask"][..., 0]) for output in self._masks.each(images)]
        plain, mirror = said[: len(images)], said[len(images) :]
        means = [_mean(a, b) for a, b in zip(plain, mirror, strict=True)]
        for image, mask, mean in zip(images, masks, means, strict=True):
            if mean["presence"] > _MODEL:
                self._others.note(image, mask)
        for i, (mask, mean) in enumerate(zip(masks, means, strict=True)):
            hides = mean["presence"] > _SURELY
            image = self._others(images[i], mask) if hides else images[i]
            labels = batch["points"][i, :, :2].numpy(), batch["trust"][i, :, 0].numpy() == 1
            answer = _answer(image, mean, *labels)
            yield answer
            yield answer.mirrored()


class Pool:
    """Answers in an order of chance; each is given twice, the second time in another light."""

    def __init__(self, answers: Iterable[Answer], *, size: int, seed: int) -> None:
        """Answers without end; `size` of them are kept ready."""
        self._answers, self._size = iter(answers), size
        self._rng = random.Random(seed)
        self._ready: list[tuple[Answer, bool]] = []

    def batch(self, count: int) -> Batch:
        """So many of them, as tensors."""
        while len(self._ready) < self._size:
            self._put(next(self._answers), again=False)
        taken = [self._take() for _ in range(count)]
        return {
            f.name: torch.from_numpy(np.stack([getattr(answer, f.name) for answer in taken]))
            for f in fields(Answer)
        }

    def _put(self, answer: Answer, *, again: bool) -> None:
        self._ready.append((answer, again))

    def _take(self) -> Answer:
        i = self._rng.randrange(len(self._ready))
        self._ready[i], self._ready[-1] = self._ready[-1], self._ready[i]
        answer, again = self._ready.pop()
        if again:
            return replace(answer, image=_relit(answer.image, self._rng))
        self._put(answer, again=True)
        return answer


def losses(out: Mapping[str, Tensor], batch: Batch) -> dict[str, Tensor]:
    """What a network's answers differ by from those of a batch of `Answer`.

    * peaks: of the softmax of the heatmaps; 2 sqrt(0.3 + KL), which lies between all points alike
      and the right ones alone.
    * heights: of the heatmaps, binary cross entropy, sum over a map.
    * landmarks: log(1 + distance / 5 px), as hopeless ones shall count less.
    * depth, visibility, in_frame, presence, world: as in `train.losses`.
    """
    aim = batch["landmarks"]
    seen = (batch["presence"] > _SOMEBODY).float()[:, None].expand(-1, _POINTS)
    found, trust = out["landmarks"].float(), batch["trust"]
    gap = ((found[..., :2] - aim[..., :2]).square().sum(-1) + 0.01).sqrt()
    depth = F.huber_loss(found[..., 2], aim[..., 2], reduction="none", delta=4) / (4 * SIDE)
    bits = F.binary_cross_entropy_with_logits(found[..., 3:], aim[..., 3:], reduction="none")
    world = F.huber_loss(out["world"].float(), batch["world"], reduction="none", delta=0.05)
    maps = batch["heatmap"].float().clamp(_TINY, 1 - _TINY)
    return {
        "peaks": _peaks(out["heatmap"].float(), maps, batch["sure"]),
        "heights": F.binary_cross_entropy_with_logits(
            out["heatmap"].float(), maps, reduction="none"
        )
        .sum((2, 3))
        .mean(),
        "landmarks": _weighted(torch.log1p(gap / 5), trust),
        "depth": _weighted(depth, trust),
        "visibility": _weighted(bits[:, :_POINTS, 0], seen),
        "in_frame": _weighted(bits[:, :_POINTS, 1], seen),
        "presence": F.binary_cross_entropy(
            out["presence"].float().flatten().clamp(1e-6, 1 - 1e-6), batch["presence"]
        ),
        "world": _weighted(world.mean(-1)[:, :_POINTS] / 0.05, seen),
    }


def _peaks(logits: Tensor, maps: Tensor, sure: Tensor) -> Tensor:
    odds = (maps / (1 - maps)).flatten(2)
    aim = odds / odds.sum(-1, keepdim=True)
    divergence = (aim * (aim.clamp_min(1e-12).log() - logits.flatten(2).log_softmax(-1))).sum(-1)
    return _weighted(2 * (0.3 + divergence.clamp_min(0)).sqrt(), sure)


def _weighted(values: Tensor, weights: Tensor) -> Tensor:
    return (values * weights).sum() / weights.sum().clamp(min=1e-6)


def _read(output: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """One answer of a network, kept; probabilities in place of logits."""
    landmarks = output["landmarks"].reshape(_ROWS, 5).copy()
    landmarks[:, 3:] = sigmoid(landmarks[:, 3:])
    return {
        "maps": sigmoid(output["heatmap"]).transpose(2, 0, 1),
        "landmarks": landmarks,
        "world": output["world"].reshape(_ROWS, 3).copy(),
        "presence": float(output["presence"][0]),
    }


def _mean(plain: Mapping[str, Any], mirror: Mapping[str, Any]) -> dict[str, Any]:
    """Of a crop's answer and its mirror's; `apart`: (K,) px between the two."""
    turned = _coordinates_in_mirror(mirror["landmarks"])
    world = mirror["world"][_SWAP] * np.array([-1, 1, 1], np.float32)
    apart = np.linalg.norm(plain["landmarks"][:, :2] - turned[:, :2], axis=1)
    return {
        "maps": _sharp_mean(plain["maps"], _in_mirror(mirror["maps"][_SWAP], axis=2)),
        "landmarks": (plain["landmarks"] + turned) / 2,
        "world": (plain["world"] + world) / 2,
        "presence": (plain["presence"] + mirror["presence"]) / 2,
        "apart": apart,
    }


def _sharp_mean(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Mean of maps; where both mean one place, as sharp and as high as each of them."""
    mean = (one + other) / 2
    height = np.maximum(mean.max(axis=(1, 2), keepdims=True), 1e-6)
    alone = (one.max(axis=(1, 2), keepdims=True) + other.max(axis=(1, 2), keepdims=True)) / 2
    return np.where(height > _ONE_PLACE * alone, (mean / height) ** _SHARPER * alone, mean)


def _answer(
    image: np.ndarray, mean: Mapping[str, Any], labels: np.ndarray, labelled: np.ndarray
) -> Answer:
    maps, landmarks = mean["maps"].copy(), mean["landmarks"].copy()
    sure = maps.max(axis=(1, 2))
    logits = np.log(np.clip(maps, _TINY, 1 - _TINY) / np.clip(1 - maps, _TINY, 1 - _TINY))
    turned = np.ascontiguousarray(logits.transpose(1, 2, 0), np.float32)
    places = heatmap.peaks(landmarks[:, :2] / SIDE, turned) * SIDE
    inside = ((places >= 0) & (places < SIDE)).all(axis=1)
    unsure = (sure < heatmap.MIN_PEAK) & (mean["apart"] > _ASTRAY_PX)
    trust = np.where(unsure, _UNSURE, 1.0) * np.where(inside, 1.0, _OUTSIDE)
    trust *= mean["presence"] > _SOMEBODY
    sure = sure * inside
    torso = max(float(np.linalg.norm(places[_LEFT_SHOULDER] - places[_RIGHT_HIP])), _LEAST_TORSO_PX)
    corrected = labelled & (np.linalg.norm(labels - places, axis=1) > _DIFFERS * torso)
    for k in np.flatnonzero(corrected[:_POINTS]):
        maps[k], places[k], trust[k], sure[k] = _bump(labels[k]), labels[k], 1, _LABEL_TRUST
    places[_AUXILIARY] = landmarks[_AUXILIARY, :2]  # their heatmaps say nothing
    places[_USED:], trust[_USED:], sure[_USED:] = landmarks[_USED:, :2], 0, 0
    landmarks[:, :2] = places
    return Answer(
        image,
        maps.astype(np.float16),
        landmarks,
        trust.astype(np.float32),
        sure.astype(np.float32),
        np.float32(mean["presence"]),
        mean["world"],
    )


def _bump(place: Float32[np.ndarray, " 2"]) -> Float32[np.ndarray, "64 64"]:
    """A Gaussian round a place in px of the crop; cell i stands for the coordinate i."""
    x, y = place * (CELLS / SIDE)
    axis = np.arange(CELLS, dtype=np.float32)
    along = [np.exp(-((axis - at) ** 2) / (2 * _LABEL_SIGMA**2)) for at in (y, x)]
    return _LABEL_HEIGHT * np.outer(*along)


def _in_mirror(maps: np.ndarray, *, axis: int) -> np.ndarray:
    """Maps turned round; cell i, which stands for the coordinate i, is cell 64 - i there."""
    return np.take(maps, np.minimum(CELLS - np.arange(CELLS), CELLS - 1), axis)


def _coordinates_in_mirror(landmarks: Float32[np.ndarray, "K 5"]) -> Float32[np.ndarray, "K 5"]:
    turned = landmarks[_SWAP].copy()
    turned[:, 0] = SIDE - turned[:, 0]
    return turned


def _relit(image: UInt8[np.ndarray, "S S 3"], rng: random.Random) -> UInt8[np.ndarray, "S S 3"]:
    gain = np.array([rng.uniform(0.7, 1.35) for _ in range(3)])
    return np.clip(image * gain + rng.uniform(-25, 25), 0, 255).astype(np.uint8)
