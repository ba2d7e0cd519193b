"""Boxes and points of an anchor-based detector: anchors, decoding, overlap, weighted NMS.

Everything is in units of the detector's square input, 0..1; `Candidates` rows are (x, y) corners
and points. Source: MediaPipe SsdAnchorsCalculator, TensorsToDetectionsCalculator and
NonMaxSuppressionCalculator with the options of modules/pose_detection.
"""

from __future__ import annotations

import numpy as np

from blazepose.shapes import Float32

POSE_STRIDES = (8, 16, 32, 32, 32)


def anchors(
    size: int = 224, strides: tuple[int, ...] = POSE_STRIDES, *, per_layer: int = 2
) -> Float32[np.ndarray, "A 2"]:
    """Centres (x, y) of the anchors in 0..1, 2254 for the pose detector.

    Args:
        size: side of the detector's input in px.
        strides: one per layer; layers of the same stride share a grid.
        per_layer: anchors in a cell for each layer (one of the layer's size, one between sizes).
    """
    grids = []
    for stride in dict.fromkeys(strides):
        cells = size // stride
        centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)  # rows of (x, y)
        grids.append(np.repeat(grid, per_layer * strides.count(stride), axis=0))
    return np.concatenate(grids)


def decode(
    raw: Float32[np.ndarray, "A 12"], centres: Float32[np.ndarray, "A 2"], *, size: int = 224
) -> Float32[np.ndarray, "A 6 2"]:
    """Network output to places: rows of (x0, y0), (x1, y1) of the box, then four points.

    Args:
        raw: x, y, w, h, then four points, in px relative to the anchor's centre (no exponential).
        centres: from `anchors`.
        size: side of the detector's input in px.
    """
    values = raw.reshape(len(raw), 6, 2) / np.float32(size)
    places = values + centres[:, None]
    half = values[:, 1] / 2
    places[:, 1] = places[:, 0] + half
    places[:, 0] -= half
    return places


def scores(logits: Float32[np.ndarray, " A"]) -> Float32[np.ndarray, " A"]:
    """Probabilities from the detector's logits, clipped to +-100 as in the released solution."""
    return sigmoid(np.clip(logits, -100, 100))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logistic function; keeps float32 and does not overflow."""
    return (0.5 * (np.tanh(0.5 * x) + 1)).astype(x.dtype)


def iou(
    box_xyxy: Float32[np.ndarray, "4"], others_xyxy: Float32[np.ndarray, "N 4"]
) -> Float32[np.ndarray, " N"]:
    """Intersection over union of one box with others; 0 where both are empty."""
    low = np.maximum(box_xyxy[:2], others_xyxy[:, :2])
    high = np.minimum(box_xyxy[2:], others_xyxy[:, 2:])
    common = np.clip(high - low, 0, None).prod(axis=1)
    area = np.clip(box_xyxy[2:] - box_xyxy[:2], 0, None).prod()
    areas = np.clip(others_xyxy[:, 2:] - others_xyxy[:, :2], 0, None).prod(axis=1)
    union = area + areas - common
    return np.divide(common, union, out=np.zeros_like(common), where=union > 0)


def weighted_nms(
    places: Float32[np.ndarray, "N P 2"], score: Float32[np.ndarray, " N"], *, overlap: float = 0.3
) -> list[tuple[Float32[np.ndarray, "P 2"], float]]:
    """Merge candidates of one person: the mean of overlapping ones weighted by score.

    Args:
        places: rows of the corners (x0, y0) and (x1, y1) of a box, then points, in any unit.
        score: 0..1.
        overlap: candidates whose IoU with the best exceeds this are the same person.

    Returns:
        (place, highest score of the group) of each person, best first.
    """
    order = np.argsort(-score, kind="stable")
    places, score = places[order], score[order]
    boxes = places[:, :2].reshape(-1, 4)
    people = []
    while len(score):
        same = iou(boxes[0], boxes) > overlap
        same[0] = True  # an empty box overlaps nothing, not even itself
        merged = np.average(places[same], axis=0, weights=score[same]).astype(np.float32)
        people.append((merged, float(score[0])))
        places, score, boxes = places[~same], score[~same], boxes[~same]
    return people
