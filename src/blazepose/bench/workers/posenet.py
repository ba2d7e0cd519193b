"""Worker: PoseNet, single pose.

python posenet.py MODEL GRAPH    # what to call it, and its OpenVINO file

It looks at the whole image each time; the surest cell of each keypoint's heatmap and the offset
there are the keypoint. It always sees somebody.
"""

from __future__ import annotations

import sys
from typing import Any

import graph  # type: ignore[import-not-found]
import media  # type: ignore[import-not-found]
import numpy as np
from serve import person, serve  # type: ignore[import-not-found]

_STRIDE = 16
_POINTS = 17


class PoseNet:
    """The network; it remembers nothing from frame to frame."""

    version = graph.VERSION
    skeleton = "coco17"
    frames = staticmethod(media.frames)
    read = staticmethod(media.read)

    def __init__(self, model: str, file: str) -> None:
        self.model = model
        self._network = graph.compile_network(file, mean=127.5, scale=127.5)
        self._size = self._network.input(0).shape[1]

    def reset(self) -> None:
        """See `serve.System`."""

    def track(self, image: np.ndarray) -> np.ndarray:
        """See `serve.System`; (17, 3) x, y in px and score."""
        left, top, side = region = graph.whole(image.shape[1], image.shape[0])
        answer = self._network([graph.crop(image, region, self._size)[None]])
        maps = {value.shape[-1]: value[0] for value in answer.values()}
        points = decode(maps[_POINTS], maps[2 * _POINTS])
        points[:, :2] = np.array([left, top]) + points[:, :2] * (side / self._size)
        return points

    find = track

    def anybody(self, found: np.ndarray) -> bool:
        """See `serve.System`."""
        return True

    def people(self, found: np.ndarray, width: int, height: int) -> list[dict[str, Any]]:
        """See `serve.System`."""
        return person(found[:, :2], float(found[:, 2].mean()))


def decode(heatmaps: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Keypoints of one person.

    Args:
        heatmaps: (h, w, 17) logits.
        offsets: (h, w, 34) px of the input from a cell to the keypoint, first down, then right.

    Returns:
        (17, 3) x, y in px of the input, score 0..1.
    """
    width = heatmaps.shape[1]
    flat = heatmaps.reshape(-1, _POINTS)
    best = flat.argmax(axis=0)
    rows, columns, points = best // width, best % width, np.arange(_POINTS)
    y = _STRIDE * rows + offsets[rows, columns, points]
    x = _STRIDE * columns + offsets[rows, columns, _POINTS + points]
    return np.stack([x, y, 1 / (1 + np.exp(-flat.max(axis=0)))], axis=1)


if __name__ == "__main__":
    serve(PoseNet(*sys.argv[1:]))
