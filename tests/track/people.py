"""Networks that see a person wherever a picture has a red spot, for tests without weights.

The spot is mid-hip; the person is upright and as tall as twice `RADIUS` of the picture.
"""

from __future__ import annotations

import numpy as np

from blazepose.boxes import anchors
from blazepose.runtimes.fake import FakeRuntime

RADIUS = 0.3
_ANCHORS = anchors()


def picture(width: int = 400, height: int = 400, spot: tuple[int, int] | None = None) -> np.ndarray:
    """A black picture with a red spot of 9 px round a place."""
    image = np.zeros((height, width, 3), np.uint8)
    if spot:
        x, y = spot
        image[y - 4 : y + 5, x - 4 : x + 5, 0] = 255
    return image


def detector(ghost: tuple[float, float] | None = None) -> FakeRuntime:
    """Sees one person at the spot, and rather somebody at `ghost` (x, y in 0..1) if given."""

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        places = np.zeros((2254, 12), np.float32)
        scores = np.full((2254, 1), -100, np.float32)
        for hip, logit in ((_spot(image), 3), (ghost, 5)):
            if hip is not None:
                nearest = int(np.argmin(np.abs(_ANCHORS - hip).sum(axis=1)))
                away = np.array(hip) - _ANCHORS[nearest]
                head = away - [0, RADIUS]
                places[nearest] = 224 * np.array([*head, 0.1, 0.1, *away, *head, *away, *head])
                scores[nearest] = logit
        return {"boxes": places, "scores": scores}

    return FakeRuntime(answer)


def landmarks() -> FakeRuntime:
    """Puts every keypoint on the spot and the circle's rim above it; absent without a spot."""

    def answer(image: np.ndarray) -> dict[str, np.ndarray]:
        found = _spot(image)
        rows = np.full((39, 5), 8, np.float32)
        rows[:, :2] = 128 if found is None else found * 256
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
    """Centre of the red pixels in 0..1, (x, y)."""
    y, x = np.nonzero(image[..., 0] > 60)
    if len(x) == 0:
        return None
    return np.array([x.mean() + 0.5, y.mean() + 0.5]) / image.shape[0]
