"""Other people in a crop: cut out of earlier crops, and put in front of its person or behind.

Nothing in most pictures hides people as other people do, and who is in another's way has to be told
from them. The one in the middle stays who the crop is of.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from blazepose.shapes import Bool, Float32, UInt8

_KEPT = 400  # cut-outs; later ones take the place of any
_LEAST = 20  # cut-outs before anybody is pasted
_SIZE = (0.03, 0.5)  # of a cut-out, in parts of the crop
_CUT_OFF = 0.25  # most of a crop's sides that somebody worth keeping may touch, all four added up
_SMALLEST_PX = 800  # of a person with others
_MARGIN = 2  # px round a cut-out
_TRIES = 4
_HEIGHT = (0.75, 1.3)  # of the other one, in parts of the person's
_LEAST_HEIGHT_PX = 60
_TURN_DEG = 8.0  # standard deviation
_ASIDE = {"behind": (0.08, 0.45), "in front": (0.1, 0.45)}  # from the middle, in heights
_LOWER = (-0.1, 0.2)  # in heights
_COVERS = {"behind": (0.03, 0.9), "in front": (0.08, 0.75)}  # share of the person's pixels
_TWO = 0.3  # share of the changed crops in which two get into the way
_RECOLOURED, _GAIN, _OFFSET = 0.7, (0.5, 1.3), 20.0


@dataclass(frozen=True, eq=False)
class _Cutout:
    image: UInt8[np.ndarray, "H W 3"]
    alpha: Float32[np.ndarray, "H W"]


class Others:
    """Keeps cut-outs of people, and pastes them."""

    def __init__(self, *, share: float, behind: float, seed: int) -> None:
        """Know nobody yet.

        Args:
            share: of the crops that are changed, 0..1.
            behind: share of these where the other one is behind.
            seed: of all chance.
        """
        self._share, self._behind = share, behind
        self._rng = np.random.default_rng(seed)
        self._cutouts: list[_Cutout] = []

    def note(self, image: UInt8[np.ndarray, "S S 3"], alpha: Float32[np.ndarray, "S S"]) -> None:
        """Keep the person of a crop, unless too small, too large or cut off.

        Args:
            image: RGB.
            alpha: of the person, 0..1.
        """
        body = alpha > 0.5
        edges = (body[0], body[-1], body[:, 0], body[:, -1])
        if not _SIZE[0] < body.mean() < _SIZE[1] or sum(e.mean() for e in edges) > _CUT_OFF:
            return
        x, y, width, height = cv2.boundingRect(body.astype(np.uint8))
        rows = slice(max(y - _MARGIN, 0), y + height + _MARGIN)
        columns = slice(max(x - _MARGIN, 0), x + width + _MARGIN)
        cutout = _Cutout(image[rows, columns].copy(), alpha[rows, columns].copy())
        if len(self._cutouts) < _KEPT:
            self._cutouts.append(cutout)
        else:
            self._cutouts[self._rng.integers(_KEPT)] = cutout

    def __call__(
        self, image: UInt8[np.ndarray, "S S 3"], alpha: Float32[np.ndarray, "S S"]
    ) -> tuple[UInt8[np.ndarray, "S S 3"], Bool[np.ndarray, "S S"]]:
        """The crop with others, or in most cases as it is; arguments as for `note`.

        Returns:
            The crop, and which of its pixels somebody in front covers.
        """
        covered, rng = np.zeros(alpha.shape, bool), self._rng
        if rng.random() > self._share or len(self._cutouts) < _LEAST:
            return image, covered
        if (alpha > 0.5).sum() < _SMALLEST_PX:
            return image, covered
        for _ in range(2 if rng.random() < _TWO else 1):
            image, covered = self._with_one_more(image, alpha, covered)
        return image, covered

    def _with_one_more(
        self, image: np.ndarray, alpha: np.ndarray, covered: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Somebody else in the crop, unless none of a few fits."""
        rng, body = self._rng, alpha > 0.5
        for _ in range(_TRIES):
            place = "behind" if rng.random() < self._behind else "in front"
            other = self._placed(self._cutouts[rng.integers(len(self._cutouts))], body, place)
            low, high = _COVERS[place]
            over = other.alpha > 0.5
            if not low < over[body].mean() < high:
                continue
            shown = other.alpha
            if place == "behind":
                shown = shown * (1 - alpha) * ~covered
            elif (covered | over)[body].mean() < high:
                covered = covered | over
            else:
                continue
            mixed = image * (1 - shown[..., None]) + other.image * shown[..., None]
            return mixed.astype(np.uint8), covered
        return image, covered

    def _placed(self, cutout: _Cutout, body: np.ndarray, place: str) -> _Cutout:
        """A cut-out beside the middle of a person, as large as they are, of the crop's size."""
        rng, side = self._rng, body.shape[0]
        x, y, width, tall = cv2.boundingRect(body.astype(np.uint8))
        height = max(tall, _LEAST_HEIGHT_PX)
        image, alpha = cutout.image, cutout.alpha
        if rng.random() < 0.5:
            image, alpha = image[:, ::-1], alpha[:, ::-1]
        scale = rng.uniform(*_HEIGHT) * height / image.shape[0]
        middle = image.shape[1] / 2, image.shape[0] / 2
        move = cv2.getRotationMatrix2D(middle, rng.normal(0, _TURN_DEG), scale)
        aside = rng.choice((-1, 1)) * rng.uniform(*_ASIDE[place]) * height
        move[0, 2] += x + width / 2 + aside - middle[0]
        move[1, 2] += y + tall / 2 + rng.uniform(*_LOWER) * height - middle[1]
        size, replicate = (side, side), cv2.BORDER_REPLICATE
        placed = cv2.warpAffine(np.ascontiguousarray(image), move, size, borderMode=replicate)
        if rng.random() < _RECOLOURED:  # other clothes, other light
            gain, offset = rng.uniform(*_GAIN, 3), rng.uniform(-_OFFSET, _OFFSET)
            placed = np.clip(placed * gain + offset, 0, 255).astype(np.uint8)
        return _Cutout(placed, cv2.warpAffine(np.ascontiguousarray(alpha), move, size))
