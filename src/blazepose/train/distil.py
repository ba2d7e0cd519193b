"""A large network's answers as targets, crop by crop: heatmaps whole, and not their maxima alone.

Teacher and student see the same varied crop (function matching, Beyer et al. 2022), but the
student with other people in the way. The teacher's answer is the mean of its answers to the crop
and to the crop in a mirror; a label far from it overrides it. Which points are visible says the
released network of the student's size, whose judgement agrees better with labels. A student's
presence is to say how far its own points are right, which in a crop of a person hidden or turned
is another question than whether somebody is there.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from blazepose import heatmap
from blazepose.boxes import sigmoid
from blazepose.runtimes import Runtime
from blazepose.shapes import Float16, Float32, UInt8
from blazepose.skeleton import BLAZEPOSE33, LIMB_JOINTS
from blazepose.train.loader import Batch
from blazepose.train.others import Others

SIDE, CELLS = 256, 64
_ROWS, _POINTS = 39, 33
_AUXILIARY = slice(33, 35)
_USED = 35  # the other rows are without a use
_SWAP = BLAZEPOSE33.mirrored_rows(_ROWS)
_LIMBS = [BLAZEPOSE33.index(name) for name in LIMB_JOINTS]
_LEFT_SHOULDER, _RIGHT_HIP = (BLAZEPOSE33.index(n) for n in ("left_shoulder", "right_hip"))

_SOMEBODY, _SURELY, _MODEL = 0.5, 0.7, 0.9  # scores to be learned from, to be hidden, to be cut out
_ONE_PLACE = 0.75  # height of the mean of two maps, in parts of theirs: they mean the same place
_SHARPER = 1.3  # exponent: as sharp as one map
_ASTRAY_PX, _UNSURE, _OUTSIDE = 20.0, 0.1, 0.2  # trust where the two views differ; off the crop
_DIFFERS, _LEAST_TORSO_PX = 0.25, 30.0  # a label so many torsos from the teacher is believed
_LABEL_HEIGHT, _LABEL_SIGMA, _LABEL_TRUST = 0.8, 1.4, 0.7
_COVERED = 0.3  # of the visibility of a point that somebody in front covers
_TELLING, _TELLING_POINTS = 0.2, 4  # heights of maps that tell where a point is, and how many tell
_RIGHT, _SMALLEST_TORSO_PX = 0.3, 20.0  # torsos from its place, where a point is half right
_WRONG_BODY, _RIGHT_BODY = 0.35, 0.8  # shares of points, from presence 0 to presence 1
_NEAR_DEG, _NEAR_SCALE, _NEAR_TRUST = 60.0, (0.6, 1.6), 0.3  # misplaced regions whose points learn
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
        telling: (K,) 1 for the points that tell whether another answer is right, else 0.
        torso: its length, px.
        whole: 1; 0 where presence, and points as far as they are trusted, are all that is said.
    """

    image: UInt8[np.ndarray, "S S 3"]
    heatmap: Float16[np.ndarray, "K 64 64"]
    landmarks: Float32[np.ndarray, "K 5"]
    trust: Float32[np.ndarray, " K"]
    sure: Float32[np.ndarray, " K"]
    presence: np.float32
    world: Float32[np.ndarray, "K 3"]
    telling: Float32[np.ndarray, " K"]
    torso: np.float32
    whole: np.float32

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
            self.telling[_SWAP],
            self.torso,
            self.whole,
        )

    def misplaced(self, rng: random.Random) -> Answer:
        """From a region off by a turn, a size and a shift, as a search comes by them."""
        turns = (
            rng.uniform(-180, 180),
            rng.gauss(0, 25),
            90 * rng.randint(1, 3) + rng.gauss(0, 15),
        )
        turn_deg, scale = (rng.choice(turns) + 180) % 360 - 180, math.exp(rng.gauss(0, 0.35))
        move = cv2.getRotationMatrix2D((SIDE / 2, SIDE / 2), turn_deg, scale)
        move[:, 2] += rng.gauss(0, SIDE / 10), rng.gauss(0, SIDE / 10)
        edge = rng.choice((cv2.BORDER_CONSTANT, cv2.BORDER_CONSTANT, cv2.BORDER_REPLICATE))
        landmarks = self.landmarks.copy()
        landmarks[:, :2] = landmarks[:, :2] @ move[:, :2].T + move[:, 2]
        inside = ((landmarks[:, :2] > 0) & (landmarks[:, :2] < SIDE)).all(axis=1).astype(np.float32)
        telling = self.telling * inside
        before, left = (int(each[_LIMBS].sum()) for each in (self.telling, telling))
        is_near = abs(turn_deg) < _NEAR_DEG and _NEAR_SCALE[0] < scale < _NEAR_SCALE[1]
        return replace(
            self,
            image=cv2.warpAffine(self.image, move, (SIDE, SIDE), borderMode=edge),
            landmarks=landmarks,
            trust=self.trust * inside * np.float32(_NEAR_TRUST if is_near else 0),
            sure=np.zeros_like(self.sure),
            presence=np.float32(self.presence if left >= max(before / 2, 1) else 0),
            telling=telling,
            torso=np.float32(self.torso * scale),
            whole=np.float32(0),
        )


class Teacher:
    """From batches of crops to answers, two for each: as it is and in a mirror."""

    def __init__(self, large: Runtime, released: Runtime, others: Others) -> None:
        """Take the networks.

        Args:
            large: the one to learn from; landmarks, presence, heatmap and world.
            released: of the student's size; which points are visible, and the mask of the person,
                for cut-outs.
            others: who gets in the way.
        """
        self._large, self._released, self._others = large, released, others

    def __call__(self, batch: Batch) -> Iterator[Answer]:
        """Answers to a batch of `loader.Crops`."""
        images = batch["image"].numpy()
        both = np.concatenate([images, images[:, :, ::-1]])
        said = [_read(output) for output in self._large.each(np.ascontiguousarray(both))]
        released = [_mask_and_visibility(output) for output in self._released.each(images)]
        plain, mirror = said[: len(images)], said[len(images) :]
        means = [_mean(a, b) for a, b in zip(plain, mirror, strict=True)]
        for image, (mask, _), mean in zip(images, released, means, strict=True):
            if mean["presence"] > _MODEL:
                self._others.note(image, mask)
        for i, ((mask, visibility), mean) in enumerate(zip(released, means, strict=True)):
            image, covered = images[i], np.zeros(mask.shape, bool)
            if mean["presence"] > _SURELY:
                image, covered = self._others(image, mask)
            labels = batch["points"][i, :, :2].numpy(), batch["trust"][i, :, 0].numpy() == 1
            answer = _answer(image, mean, *labels, visibility=visibility, covered=covered)
            yield answer
            yield answer.mirrored()


class Pool:
    """Answers in an order of chance; each is given twice, the second time in another light."""

    def __init__(
        self, answers: Iterable[Answer], *, size: int, seed: int, misplaced: float = 0.0
    ) -> None:
        """Answers without end; `size` of them are kept ready, a share of people `misplaced`."""
        self._answers, self._size, self._share = iter(answers), size, misplaced
        self._rng = random.Random(seed)
        self._ready: list[tuple[Answer, bool]] = []

    def batch(self, count: int) -> Batch:
        """So many of them, as tensors."""
        while len(self._ready) < self._size:
            self._put(next(self._answers), again=False)
        taken = [self._perhaps_misplaced(self._take()) for _ in range(count)]
        return {
            f.name: torch.from_numpy(np.stack([getattr(answer, f.name) for answer in taken]))
            for f in fields(Answer)
        }

    def _perhaps_misplaced(self, answer: Answer) -> Answer:
        is_chosen = answer.presence > _SOMEBODY and self._rng.random() < self._share
        return answer.misplaced(self._rng) if is_chosen else answer

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
    * presence: from the share of its own points that are right; binary cross entropy.
    * depth, visibility, in_frame, world: as in `train.losses`.
    """
    aim, whole = batch["landmarks"], batch["whole"]
    seen = ((batch["presence"] > _SOMEBODY) * whole)[:, None].expand(-1, _POINTS)
    found, trust = out["landmarks"].float(), batch["trust"]
    gap = ((found[..., :2] - aim[..., :2]).square().sum(-1) + 0.01).sqrt()
    depth = F.huber_loss(found[..., 2], aim[..., 2], reduction="none", delta=4) / (4 * SIDE)
    bits = F.binary_cross_entropy_with_logits(found[..., 3:], aim[..., 3:], reduction="none")
    world = F.huber_loss(out["world"].float(), batch["world"], reduction="none", delta=0.05)
    maps = batch["heatmap"].float().clamp(_TINY, 1 - _TINY)
    heights = F.binary_cross_entropy_with_logits(out["heatmap"].float(), maps, reduction="none")
    return {
        "peaks": _peaks(out["heatmap"].float(), maps, batch["sure"]),
        "heights": (heights.sum((2, 3)) * whole[:, None]).mean(),
        "landmarks": _weighted(torch.log1p(gap / 5), trust),
        "depth": _weighted(depth, trust * whole[:, None]),
        "visibility": _weighted(bits[:, :_POINTS, 0], seen),
        "in_frame": _weighted(bits[:, :_POINTS, 1], seen),
        "presence": F.binary_cross_entropy(
            out["presence"].float().flatten().clamp(1e-6, 1 - 1e-6), _rightness(gap.detach(), batch)
        ),
        "world": _weighted(world.mean(-1)[:, :_POINTS] / 0.05, seen),
    }


def _rightness(gap: Tensor, batch: Batch) -> Tensor:
    """(B,) 0..1 of points that are so many px (B, K) from where they should be."""
    telling = batch["telling"][:, _LIMBS]
    torsos = gap[:, _LIMBS] / batch["torso"].clamp(min=_SMALLEST_TORSO_PX)[:, None]
    share = (telling / (1 + (torsos / _RIGHT) ** 4)).sum(1) / telling.sum(1).clamp(min=1)
    right = ((share - _WRONG_BODY) / (_RIGHT_BODY - _WRONG_BODY)).clamp(0, 1)
    # Of whom too little is told, the teacher's word counts; where it was misplaced, half of it.
    untold = torch.where(batch["whole"] > 0, 1.0, 0.5)
    return batch["presence"] * torch.where(telling.sum(1) >= _TELLING_POINTS, right, untold)


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


def _mask_and_visibility(output: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """(S, S) and (K,), 0..1."""
    rows = output["landmarks"].reshape(_ROWS, 5)
    return sigmoid(output["mask"][..., 0]), sigmoid(rows[:, 3])


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
    image: np.ndarray,
    mean: Mapping[str, Any],
    labels: np.ndarray,
    labelled: np.ndarray,
    *,
    visibility: np.ndarray,
    covered: np.ndarray,
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
    corrected[_POINTS:] = False
    telling = ((trust > 0.5) & (sure > _TELLING)) | corrected
    for k in np.flatnonzero(corrected):
        maps[k], places[k], trust[k], sure[k] = _bump(labels[k]), labels[k], 1, _LABEL_TRUST
    places[_AUXILIARY] = landmarks[_AUXILIARY, :2]  # their heatmaps say nothing
    places[_USED:], trust[_USED:], sure[_USED:] = landmarks[_USED:, :2], 0, 0
    landmarks[:, :2] = places
    column, row = places.clip(0, SIDE - 1).astype(int).T
    landmarks[:, 3] = visibility * np.where(covered[row, column] & inside, _COVERED, 1)
    return Answer(
        image,
        maps.astype(np.float16),
        landmarks,
        trust.astype(np.float32),
        sure.astype(np.float32),
        np.float32(mean["presence"]),
        mean["world"],
        telling.astype(np.float32),
        np.float32(torso),
        np.float32(1),
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
