"""Detector: a region of a frame -> people in it.

The released detector looks for a face and predicts the person's mid-hip point and body circle
along with it. A letterboxed frame, a tile of it and a frame turned by 90 degrees are all regions.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from blazepose import boxes
from blazepose.geometry import crop, uncrop_points
from blazepose.pose import Detection, Pixels, Roi
from blazepose.roi import as_sampled_by_mediapipe
from blazepose.runtimes import Network, Runtime, load, soon_ready
from blazepose.shapes import Float32

NETWORK = Network(
    "person detector",
    size=224,
    mean=127.5,
    std=127.5,
    outputs={"boxes": (2254, 12), "scores": (2254, 1)},
)


class Detector:
    """Finds people in a region of a frame."""

    def __init__(self, network: Runtime) -> None:
        self._network = network
        self._anchors = boxes.anchors(NETWORK.size)

    @classmethod
    def open(cls, path: Path, **options: Any) -> Detector:
        """Load a detector file; options and errors as in `runtimes.load`."""
        # Its boxes and points are offsets of many px: bfloat16 would show.
        return cls(soon_ready(load(path, NETWORK, precision="float32", **options)))

    def __call__(self, image: Pixels, roi: Roi, *, threshold: float) -> list[Detection]:
        """People in a region, best first, in px of `image`.

        Args:
            image: RGB.
            roi: the region; outside of the image it is black.
            threshold: least score, 0..1.
        """
        patch = crop(
            image, as_sampled_by_mediapipe(roi, NETWORK.size), NETWORK.size, border="black"
        )
        output = self._network(patch[None])
        scores = boxes.scores(output["scores"][0, :, 0])
        good = scores >= threshold
        places = boxes.decode(output["boxes"][0, good], self._anchors[good], size=NETWORK.size)
        return [in_frame(p, s, roi) for p, s in boxes.weighted_nms(places, scores[good])]


def in_frame(place: Float32[np.ndarray, "N 2"], score: float, roi: Roi) -> Detection:
    """From 0..1 of the region to px of the frame; the box round its turned corners.

    Args:
        place: two corners of the box, then the points.
        score: 0..1.
        roi: the region.
    """
    (x0, y0), (x1, y1) = place[:2]
    corners = uncrop_points(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32), roi)
    box = np.concatenate([corners.min(axis=0), corners.max(axis=0)])
    return Detection(box, uncrop_points(place[2:], roi), score)
