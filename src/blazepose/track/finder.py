"""Person finder: a region of a frame -> people in it, whole, whichever way they are turned.

Our own network, `nets.finder`. It gives a person's box, not the face's, and the points of the
landmark network's region.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from blazepose import boxes
from blazepose.geometry import crop
from blazepose.pose import Detection, Pixels, Roi
from blazepose.runtimes import Network, Runtime, load, soon_ready
from blazepose.shapes import Float32
from blazepose.track.detector import in_frame

_SIZE = 320
_CELLS = (_SIZE // 8) ** 2
NETWORK = Network(
    "person finder",
    size=_SIZE,
    mean=0.0,
    std=255.0,
    outputs={"scores": (_CELLS, 1), "boxes": (_CELLS, 4), "points": (_CELLS, 6)},
)

_SAME = 0.5  # boxes that overlap more are one person's


class Finder:
    """Finds people in a region of a frame; called like `Detector`."""

    def __init__(self, network: Runtime) -> None:
        self._network = network

    @classmethod
    def open(cls, path: Path, **options: Any) -> Finder:
        """Load a finder's file; options and errors as in `runtimes.load`."""
        return cls(soon_ready(load(path, NETWORK, precision="float32", **options)))

    def __call__(self, image: Pixels, roi: Roi, *, threshold: float) -> list[Detection]:
        """People in a region, best first, in px of `image`.

        Args:
            image: RGB.
            roi: the region; outside of the image it is black.
            threshold: least score, 0..1.

        Returns:
            Boxes of persons; of the points, the upper-body circle is NaN.
        """
        output = self._network(crop(image, roi, _SIZE, border="black")[None])
        scores = boxes.scores(output["scores"][0, :, 0])
        good = scores >= threshold
        places = np.concatenate([output["boxes"][0, good], output["points"][0, good]], axis=1)
        people = boxes.weighted_nms(
            places.reshape(-1, 5, 2) / np.float32(_SIZE), scores[good], overlap=_SAME
        )
        return [in_frame(_with_fourth(place), score, roi) for place, score in people]


def _with_fourth(place: Float32[np.ndarray, "5 2"]) -> Float32[np.ndarray, "6 2"]:
    """A box and points, with the point that is not known."""
    return np.concatenate([place, np.full((1, 2), np.nan, np.float32)])
