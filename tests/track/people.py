"""Networks that see a person wherever a picture has a red spot, for tests without weights.

The spot is mid-hip; the person is upright and as tall as twice `RADIUS` of the picture, or of the
region that shows them best.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from blazepose.boxes import anchors
from blazepose.nets.finder import centres
from blazepose.runtimes.fake import FakeRuntime
from blazepose.skeleton import BLAZEPOSE33
from blazepose.track.finder import NETWORK

RADIUS = 0.3
_ANCHORS = anchors()


def picture(
    width: int = 400,
    height: int = 400,
    spot: tuple[int, int] | None = None,
    *,
    spots: Sequence[tuple[int, int]] = (),
) -> np.ndarray:
    """A black picture with red spots of 9 px round some places."""
    image = np.zeros((height, width, 3), np.uint8)
    for x, y in (*spots, *([spot] if spot else [])):
        image[y - 4 : y + 5, x - 4 : x + 5, 0] = 255
    return image


def detector(
    ghost: tuple[float, float] | None = None, *, radius: float = RADIUS, blind: bool = False
) -> FakeRuntime:
    """Sees a person at each spot, and rather somebody at `ghost` (x, y in 0..1); or nobody."""

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        places = np.zeros((2254, 12), np.float32)
        scores = np.full((2254, 1), -100, np.float32)
        spots = [] if blind else _spots(image)
        seen = [(spot, 3) for spot in spots] + ([(ghost, 5)] if ghost else [])
        for hip, logit in seen:
            nearest = int(np.argmin(np.abs(_ANCHORS - hip).sum(axis=1)))
            away = np.array(hip) - _ANCHORS[nearest]
            head = away - [0, radius]
            places[nearest] = 224 * np.array([*head, 0.1, 0.1, *away, *head, *away, *head])
            scores[nearest] = logit
        return {"boxes": places, "scores": scores}

    return FakeRuntime(answer)


def finder(*, radius: float = RADIUS, blind: bool = False) -> FakeRuntime:
    """Sees a person at each spot, or nobody at all."""
    size = NETWORK.size
    middles = centres(size).numpy()

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        boxes = np.zeros((len(middles), 4), np.float32)
        points = np.zeros((len(middles), 6), np.float32)
        scores = np.full((len(middles), 1), -100, np.float32)
        for spot in [] if blind else _spots(image):
            hip, reach = spot * size, radius * size
            half = np.array([reach / 2, reach])
            nearest = int(np.argmin(np.abs(middles - hip).sum(axis=1)))
            boxes[nearest] = np.concatenate([hip - half, hip + half])
            points[nearest] = [*hip, *(hip - [0, reach]), *(hip - [0, reach / 2])]
            scores[nearest] = 3
        return {"scores": scores, "boxes": boxes, "points": points}

    return FakeRuntime(answer)


def landmarks(*, reach: float = 0.0) -> FakeRuntime:
    """Puts every keypoint on the spot and the circle's rim above it; absent without a spot.

    With a reach the keypoints lie round the spot, so far in parts of the region.
    """
    body = np.random.default_rng(0).uniform(-1, 1, (33, 2))
    body += body[BLAZEPOSE33.mirror] * [-1, 1]  # the same in a mirror
    body -= body.mean(axis=0)

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        found = _spot(image)
        rows = np.full((39, 5), 8, np.float32)
        rows[:, :2] = 128 if found is None else found * 256
        rows[:33, :2] += 256 * reach * body
        rows[:, 2] = 16
        rows[34, 1] -= 0.4 * 256
        presence = np.float32([0.0 if found is None else 0.99])
        return {
            "landmarks": rows.reshape(-1),
            "presence": presence,
            "world": np.tile(np.float32([0.1, 0.2, 0.3]), 39),
        }

    return FakeRuntime(answer)


def _spot(image: np.ndarray) -> np.ndarray | None:
    """The spot nearest to the middle, in 0..1, (x, y)."""
    return min(_spots(image), key=lambda spot: float(np.abs(spot - 0.5).sum()), default=None)


def _spots(image: np.ndarray) -> list[np.ndarray]:
    """Centres of the red spots in 0..1, (x, y)."""
    red = (image[..., 0] > 60).astype(np.uint8)
    _, _, _, centres = cv2.connectedComponentsWithStats(red)
    return [(centre + 0.5) / image.shape[0] for centre in centres[1:]]
