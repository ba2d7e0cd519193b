"""Worker: OpenPose with the 18 COCO points, one person.

python openpose.py MODEL WEIGHTS    # what to call it, and its .xml or .onnx

The whole image at a height of 256 px, BGR 0..255. The surest place of each keypoint is taken; who
belongs to whom is not asked, which is right for one person and saves it the time.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import cv2
import graph  # type: ignore[import-not-found]
import media  # type: ignore[import-not-found]
import numpy as np
from serve import person, serve  # type: ignore[import-not-found]

_HEIGHT = 256
_STEP = 32  # px; widths are rounded, so that few networks are compiled
_MAPS = 19  # 18 points and the background
_MIN_SCORE = 0.1
_ENLARGE = 4
# Where the 17 COCO points are among its 18.
_COCO17 = [0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10]


class OpenPose:
    """The network, compiled once per width; it remembers nothing from frame to frame."""

    version = graph.VERSION
    skeleton = "coco17"
    frames = staticmethod(media.frames)
    read = staticmethod(media.read)

    def __init__(self, model: str, file: str) -> None:
        self.model = model
        self._compiled = cache(lambda width: graph.compile_network(file, size_wh=(width, _HEIGHT)))

    def reset(self) -> None:
        """See `serve.System`."""

    def track(self, image: np.ndarray) -> np.ndarray:
        """See `serve.System`; (17, 3) x, y in px and score."""
        height, width = image.shape[:2]
        narrow = max(_STEP, _STEP * round(_HEIGHT * width / height / _STEP))
        picture = cv2.resize(image, (narrow, _HEIGHT), interpolation=cv2.INTER_AREA)
        answer = self._compiled(narrow)([picture[None, :, :, ::-1]])
        maps = next(value[0] for value in answer.values() if value.shape[1] == _MAPS)
        points = decode(maps)
        points[:, :2] *= [width, height]
        return points

    find = track

    def anybody(self, found: np.ndarray) -> bool:
        """See `serve.System`."""
        return float(found[:, 2].mean()) > _MIN_SCORE

    def people(self, found: np.ndarray, width: int, height: int) -> list[dict[str, Any]]:
        """See `serve.System`."""
        score = float(found[:, 2].mean())
        return person(found[:, :2], min(score, 1.0)) if self.anybody(found) else []


def decode(maps: np.ndarray) -> np.ndarray:
    """Keypoints of one person.

    Args:
        maps: (19, h, w) heatmaps 0..1, the last one the background.

    Returns:
        (17, 3) x, y in 0..1 of the image, score.
    """
    # Enlarged as the released demo does it, for places between the cells.
    size_wh = (_ENLARGE * maps.shape[2], _ENLARGE * maps.shape[1])
    fine = [cv2.resize(one, size_wh, interpolation=cv2.INTER_CUBIC) for one in maps[_COCO17]]
    height, width = fine[0].shape
    flat = np.stack(fine).reshape(len(fine), -1)
    best = flat.argmax(axis=1)
    x, y = (best % width + 0.5) / width, (best // width + 0.5) / height
    return np.stack([x, y, flat.max(axis=1)], axis=1)


if __name__ == "__main__":
    serve(OpenPose(*sys.argv[1:]))
