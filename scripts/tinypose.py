"""PicoDet and PP-TinyPose, a person detector and a network for each of its boxes, on OpenVINO.

What blazepose is compared with in photos of several people. As PaddleDetection runs them: boxes
from a score of 0.5 on, enlarged by 0.3 and brought to 3:4, heatmaps read as in DARK (Zhang et al.,
CVPR 2020). Weights: `peers/` of the data, see `Pair`.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import openvino

from blazepose.geometry import crop, uncrop_points
from blazepose.pose import Pose, Roi
from blazepose.roi import whole_image
from blazepose.shapes import Float, Float32, UInt8
from blazepose.skeleton import COCO17
from blazepose.track.box_detector import BoxDetector

PICODET, TINYPOSE = "picodet_s_320_pedestrian", "tinypose_256x192"
_SURE = 0.5
_MARGIN = 1.3
_HEIGHT, _WIDTH = 256, 192
_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_STD = np.array([0.229, 0.224, 0.225], np.float32) * 255


class Pair:
    """The two networks."""

    def __init__(self, peers: Path) -> None:
        """Load them from the folders `PICODET` and `TINYPOSE` in `peers`."""
        self._detector = BoxDetector.open(picodet_file(peers))
        core = openvino.Core()
        model = core.read_model(peers / TINYPOSE / "model.xml")
        model.reshape([1, 3, _HEIGHT, _WIDTH])
        options = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
        self._network = core.compile_model(model, "CPU", options)

    def __call__(self, image: UInt8[np.ndarray, "H W 3"]) -> list[Pose]:
        """Everybody in an RGB image, the surest first."""
        look = whole_image(image.shape[1], image.shape[0])
        found = self._detector(image, look, threshold=_SURE)
        return [self._pose(image, person.box_xyxy, person.score) for person in found]

    def _pose(
        self, image: UInt8[np.ndarray, "H W 3"], box_xyxy: Float32[np.ndarray, "4"], score: float
    ) -> Pose:
        x0, y0, x1, y1 = (float(v) for v in box_xyxy)
        side = _MARGIN * max(y1 - y0, (x1 - x0) * _HEIGHT / _WIDTH, 1.0)
        roi = Roi(((x0 + x1) / 2, (y0 + y1) / 2), side)
        spare = (_HEIGHT - _WIDTH) // 2
        patch = crop(image, roi, _HEIGHT, border="black")[:, spare:-spare]
        pixels = (patch.astype(np.float32) - _MEAN) / _STD
        maps = self._network(pixels.transpose(2, 0, 1)[None])[0][0]  # (17, 64, 48)
        places = np.stack([_dark(heat) for heat in maps]) * (_HEIGHT / maps.shape[1])
        xy = uncrop_points(places + np.array([spare, 0]), roi, _HEIGHT)
        unknown = np.full((len(xy), 3), np.nan, np.float32)
        sure = maps.max(axis=(1, 2))
        return Pose(
            np.column_stack([xy, unknown[:, 0]]), unknown, sure, sure, score, roi, skeleton=COCO17
        )


def picodet_file(peers: Path) -> Path:
    """The detector's file."""
    return next((peers / PICODET).glob("*.xml"))


def _dark(heat: Float32[np.ndarray, "H W"]) -> Float[np.ndarray, "2"]:
    """The summit of the parabola through the logarithm of the heatmap round its maximum, cells."""
    y, x = (int(v) for v in np.unravel_index(heat.argmax(), heat.shape))
    place = np.array([x, y], float)
    if not (1 < x < heat.shape[1] - 2 and 1 < y < heat.shape[0] - 2):
        return place
    log = np.log(np.maximum(cv2.GaussianBlur(heat, (3, 3), 0), 1e-10))
    dx, dy = (log[y, x + 1] - log[y, x - 1]) / 2, (log[y + 1, x] - log[y - 1, x]) / 2
    dxx = (log[y, x + 2] - 2 * log[y, x] + log[y, x - 2]) / 4
    dyy = (log[y + 2, x] - 2 * log[y, x] + log[y - 2, x]) / 4
    corners = log[y - 1 : y + 2 : 2, x - 1 : x + 2 : 2]
    dxy = (corners[1, 1] - corners[1, 0] - corners[0, 1] + corners[0, 0]) / 4
    curve = np.array([[dxx, dxy], [dxy, dyy]])
    if abs(np.linalg.det(curve)) < 1e-12:
        return place
    return place - np.clip(np.linalg.solve(curve, [dx, dy]), -1, 1)
