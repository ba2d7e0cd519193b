"""Person detectors that people already have: boxes of persons in a region of a frame.

YOLO, RTMDet, PicoDet and NanoDet as ONNX or OpenVINO files; `box_layouts` tells them apart. They
give a box round the person and no points, so the region for the landmark network is the upright
square round the box.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from blazepose.boxes import iou
from blazepose.errors import ModelError
from blazepose.geometry import crop_matrix, crop_points
from blazepose.pose import Detection, Pixels, Planes, Roi
from blazepose.runtimes.inspect import network_in
from blazepose.shapes import Bool, Float32, Float64, UInt8
from blazepose.track.box_graph import SUFFIXES, Graph, compile_graph, read_graph
from blazepose.track.box_layouts import Layout, recognise
from blazepose.track.detector import NETWORK, Detector
from blazepose.track.finder import Finder

_SAME = 0.6  # two boxes that overlap more than this are one person's
_GREY = (114, 114, 114)  # round pictures of another aspect, as these networks were trained


class BoxDetector:
    """Finds people in a region of a frame; called like `Detector`."""

    def __init__(self, graph: Graph, layout: Layout, *, size_wh: tuple[int, int]) -> None:
        """Use a network that runs already.

        Args:
            graph: RGB picture -> the outputs that the layout asks for.
            layout: how to use it.
            size_wh: of its pictures in px.
        """
        self._graph, self._layout, self._size_wh = graph, layout, size_wh

    @classmethod
    def open(
        cls, path: Path, *, threads: int | None = None, name: str | None = None
    ) -> BoxDetector:
        """Load a detector of a known family.

        Args:
            path: .onnx or .xml.
            threads: processor threads; None leaves it to OpenVINO.
            name: what messages call the file, if not by its path.

        Raises:
            ModelError: the file is missing, damaged, of an unknown layout, or finds no persons.
        """
        name = name or str(path)
        model, signature = read_graph(path, name=name)
        layout = recognise(signature, name=name)
        graph = compile_graph(model, layout, threads=threads, name=name)
        return cls(graph, layout, size_wh=signature.size_wh)

    def __call__(self, image: Pixels, roi: Roi, *, threshold: float) -> list[Detection]:
        """People whose middle is in a region, best first.

        Args:
            image: RGB.
            roi: the region; only what it has of the image is looked at.
            threshold: least score, 0..1.

        Returns:
            Boxes of the visible persons in px of `image`, in its bounds; their points are NaN.
        """
        whole = image.rgb if isinstance(image, Planes) else image
        height, width = whole.shape[:2]
        matrix = _to_input((width, height), roi, self._size_wh, self._layout.picture.stretched)
        boxes, scores = self._layout.decode(*self._graph(self._picture(whole, matrix)))
        sure = scores >= threshold
        frame = np.array([width, height, width, height], np.float32)
        boxes = np.clip(_to_frame(boxes[sure], matrix), 0, frame)
        inside = _are_in(boxes, roi)
        boxes, scores = boxes[inside], scores[sure][inside]
        points = np.full((4, 2), np.nan, np.float32)
        return [Detection(boxes[i], points, float(scores[i])) for i in _distinct(boxes, scores)]

    def _picture(
        self, image: UInt8[np.ndarray, "H W 3"], matrix: Float64[np.ndarray, "2 3"]
    ) -> UInt8[np.ndarray, "h w 3"]:
        centres = matrix.copy()  # the same map between pixel indices
        centres[:, 2] += 0.5 * matrix[:, :2].sum(axis=1) - 0.5
        flags, border = cv2.INTER_LINEAR, cv2.BORDER_CONSTANT
        return cv2.warpAffine(
            image, centres, self._size_wh, flags=flags, borderMode=border, borderValue=_GREY
        )


AnyDetector: TypeAlias = Detector | Finder | BoxDetector
"""Called with an image, a region and a least score; gives detections."""


def open_detector(
    path: Path, *, runtime: str = "auto", threads: int | None = None, name: str | None = None
) -> AnyDetector:
    """A detector from a file of any known kind.

    Args:
        path: our person finder or the released detector in any format that a runtime reads, or a
            person detector of another family as .onnx or .xml.
        runtime: as in `runtimes.load`; the other families run in OpenVINO only.
        threads: processor threads; None leaves it to the runtime.
        name: what messages call the file, if not by its path.

    Raises:
        ModelError: the file is missing, damaged, of an unknown layout, finds no persons, or does
            not run in this runtime.
        ValueError, MissingExtraError: as in `runtimes.load`.
    """
    if path.is_file() and network_in(path, name=name) == "finder":
        return Finder.open(path, runtime=runtime, threads=threads, name=name)
    if path.suffix.lower() not in SUFFIXES or _is_released(path, name or str(path)):
        return Detector.open(path, runtime=runtime, threads=threads, name=name)
    if runtime not in ("auto", "openvino"):
        raise ModelError(f"{name or path} runs in openvino, not {runtime}: use 'auto'")
    return BoxDetector.open(path, threads=threads, name=name)


def _is_released(path: Path, name: str) -> bool:
    """Its outputs are those of the released detector."""
    shapes = [shape[1:] for shape in read_graph(path, name=name)[1].outputs.values()]
    return set(NETWORK.outputs.values()) <= set(shapes)


def _to_input(
    image_wh: tuple[int, int], roi: Roi, size_wh: tuple[int, int], stretched: bool
) -> Float64[np.ndarray, "2 3"]:
    """The affine map from px of the frame to px of the network's input.

    What the region has of the image fills the input, or lies in its middle with its aspect kept.
    """
    width, height = image_wh
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    places = np.clip(crop_points(corners, roi), 0, 1)  # 0..1 of the region
    low, high = places.min(axis=0), places.max(axis=0)
    if not (high > low).all():  # nothing of the image
        low, high = np.zeros(2), np.ones(2)
    scale = np.array(size_wh) / (high - low)
    if not stretched:
        scale[:] = scale.min()
    matrix = scale[:, None] * crop_matrix(roi, 1.0)
    matrix[:, 2] += (size_wh - scale * (low + high)) / 2
    return matrix


def _to_frame(
    boxes_xyxy: Float32[np.ndarray, "N 4"], matrix: Float64[np.ndarray, "2 3"]
) -> Float32[np.ndarray, "N 4"]:
    """The upright boxes round boxes that come back from the input."""
    back = cv2.invertAffineTransform(matrix)
    corners = boxes_xyxy[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    places = corners @ back[:, :2].T + back[:, 2]
    return np.hstack([places.min(axis=1), places.max(axis=1)]).astype(np.float32)


def _are_in(boxes_xyxy: Float32[np.ndarray, "N 4"], roi: Roi) -> Bool[np.ndarray, " N"]:
    """Which boxes have their middle in a region, and an extent."""
    low, high = boxes_xyxy[:, :2], boxes_xyxy[:, 2:]
    middles = crop_points((low + high) / 2, roi)
    return np.all((middles >= 0) & (middles <= 1) & (high > low), axis=1)


def _distinct(
    boxes_xyxy: Float32[np.ndarray, "N 4"], scores: Float32[np.ndarray, " N"]
) -> list[int]:
    """The best box of each person, best first (non-maximum suppression)."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, order = int(order[0]), order[1:]
        kept.append(best)
        order = order[iou(boxes_xyxy[best], boxes_xyxy[order]) <= _SAME]
    return kept
