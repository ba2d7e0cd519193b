"""Worker: MoveNet Lightning or Thunder, single pose.

python movenet.py MODEL GRAPH    # what to call it, and its OpenVINO file

In a clip the region comes from the person in the frame before, as Google's guide to the model
does it; a still image is looked at twice, whole and then round whoever was seen. It always sees
somebody.
"""

from __future__ import annotations

import sys
from typing import Any

import graph  # type: ignore[import-not-found]
import media  # type: ignore[import-not-found]
import numpy as np
from serve import person, serve  # type: ignore[import-not-found]

# Of the 17 COCO points.
_SHOULDERS, _HIPS = [5, 6], [11, 12]
_SURE = 0.2  # score of a keypoint that counts for the region
_TORSO, _BODY = 1.9, 1.2  # half a region in reaches of the torso, of the body


class MoveNet:
    """The network and the region where it looks next."""

    version = graph.VERSION
    skeleton = "coco17"
    frames = staticmethod(media.frames)
    read = staticmethod(media.read)

    def __init__(self, model: str, file: str) -> None:
        self.model = model
        self._network = graph.compile_network(file)
        self._size = self._network.input(0).shape[1]
        self.reset()

    def reset(self) -> None:
        """See `serve.System`."""
        self._region: tuple[float, float, float] | None = None

    def track(self, image: np.ndarray) -> np.ndarray:
        """See `serve.System`; (17, 3) x, y in px and score."""
        height, width = image.shape[:2]
        points = self._look(image, self._region or graph.whole(width, height))
        self._region = next_region(points, width, height)
        return points

    def find(self, image: np.ndarray) -> np.ndarray:
        """See `serve.System`; as `track`."""
        self.reset()
        self.track(image)
        return self.track(image)

    def anybody(self, found: np.ndarray) -> bool:
        """See `serve.System`."""
        return True

    def people(self, found: np.ndarray, width: int, height: int) -> list[dict[str, Any]]:
        """See `serve.System`."""
        return person(found[:, :2], float(found[:, 2].mean()))

    def _look(self, image: np.ndarray, region: tuple[float, float, float]) -> np.ndarray:
        picture = graph.crop(image, region, self._size)
        answer = self._network([picture[None]])[self._network.output(0)].reshape(17, 3)
        left, top, side = region
        x, y = left + side * answer[:, 1], top + side * answer[:, 0]
        return np.stack([x, y, answer[:, 2]], axis=1)


def next_region(points: np.ndarray, width: int, height: int) -> tuple[float, float, float]:
    """Where to look next: round the mid-hip, wide enough for the body; else the whole image.

    Args:
        points: (17, 3) x, y in px and score.
        width: px of the image.
        height: px of the image.

    Returns:
        Left, top and side in px.
    """
    sure = points[:, 2] > _SURE
    if not (sure[_SHOULDERS].any() and sure[_HIPS].any()):
        return graph.whole(width, height)
    centre = points[_HIPS, :2].mean(axis=0)
    reach = np.abs(points[:, :2] - centre).max(axis=1)
    half = max(_TORSO * reach[_SHOULDERS + _HIPS].max(), _BODY * reach[sure].max())
    half = min(half, max(*centre, width - centre[0], height - centre[1]))
    if half > max(width, height) / 2:
        return graph.whole(width, height)
    return float(centre[0] - half), float(centre[1] - half), float(2 * half)


if __name__ == "__main__":
    serve(MoveNet(*sys.argv[1:]))
