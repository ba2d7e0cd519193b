"""The numbers that person detectors put out -> boxes and scores of persons.

One function for each way of saying it, and nothing else: which file speaks which is known to
`box_layouts`. Outputs come without their batch axis. Boxes are (N, 4) corners (x0, y0, x1, y1) in
px of the network's input, scores (N,) are 0..1, and `person` is the number of the class that is
wanted. Nothing is left out: thresholds and overlaps are the caller's.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from blazepose.shapes import Float32

BINS = 32  # eight for each side of a box
Boxes: TypeAlias = tuple[Float32[np.ndarray, "N 4"], Float32[np.ndarray, " N"]]


def cells(size_wh: tuple[int, int], strides: tuple[int, ...]) -> Float32[np.ndarray, "N 3"]:
    """Column, row and stride in px of every grid cell, row by row, finest grid first."""
    grids = []
    for stride in strides:
        columns, rows = (-(-side // stride) for side in size_wh)  # rounded up
        x, y = np.meshgrid(np.arange(columns), np.arange(rows))
        grids.append(np.stack([x, y, np.full_like(x, stride)], axis=-1).reshape(-1, 3))
    return np.concatenate(grids).astype(np.float32)


def with_objectness(rows: Float32[np.ndarray, "N K"], *, person: int) -> Boxes:
    """Rows of centre, size, objectness and a score for each class (YOLO v5, v6, v7)."""
    return _corners(rows[:, :4]), rows[:, 4] * rows[:, 5 + person]


def without_objectness(columns: Float32[np.ndarray, "K N"], *, person: int) -> Boxes:
    """Columns of centre, size and a score for each class (YOLO v8, v9, 11).

    Keypoints or mask coefficients may follow.
    """
    return _corners(columns[:4].T), columns[4 + person]


def undecoded(
    rows: Float32[np.ndarray, "N K"], *, grid: Float32[np.ndarray, "N 3"], person: int
) -> Boxes:
    """As `with_objectness`, relative to the cells of a grid (YOLOX, its `decode_outputs`).

    Args:
        rows: centre in cells from the cell's corner, logarithm of the size in cells, scores.
        grid: from `cells`.
        person: number of the class.
    """
    stride = grid[:, 2:]
    centres, sizes = (rows[:, :2] + grid[:, :2]) * stride, np.exp(rows[:, 2:4]) * stride
    return _corners(np.hstack([centres, sizes])), rows[:, 4] * rows[:, 5 + person]


def finished(rows: Float32[np.ndarray, "N K"], *, person: int) -> Boxes:
    """Rows of corners, score, class: what is left after the file's own choice (YOLO v10, 26).

    Keypoints or mask coefficients may follow.
    """
    return rows[:, :4], np.where(rows[:, 5] == person, rows[:, 4], np.float32(0))


def finished_batch(rows: Float32[np.ndarray, "N 7"], *, person: int) -> Boxes:
    """Rows of picture, corners, class, score (YOLO v6 and v7 with their NMS for ONNX Runtime)."""
    return rows[:, 1:5], np.where(rows[:, 5] == person, rows[:, 6], np.float32(0))


def labelled(
    rows: Float32[np.ndarray, "N 5"], classes: Float32[np.ndarray, " N"], *, person: int
) -> Boxes:
    """Rows of corners and score, and the class of each apart (MMDeploy)."""
    return rows[:, :4], np.where(classes == person, rows[:, 4], np.float32(0))


def scored(
    boxes: Float32[np.ndarray, "N 4"], scores: Float32[np.ndarray, "C N"], *, person: int
) -> Boxes:
    """Corners, and apart from them the scores of each class (PicoDet without its NMS)."""
    return boxes, scores[person]


def spread(
    rows: Float32[np.ndarray, "N K"],
    *,
    grid: Float32[np.ndarray, "N 3"],
    offset: float,
    person: int,
) -> Boxes:
    """Rows of a score for each class, then distances to the four sides as distributions.

    Source: generalized focal loss (Li et al., NeurIPS 2020), as NanoDet puts it out.

    Args:
        rows: scores, then `BINS` logits: for left, top, right and bottom in turn, how likely the
            side is 0, 1, ... 7 strides away.
        grid: from `cells`.
        offset: where in its cell a distance begins: 0 for the corner, 0.5 for the centre.
        person: number of the class.
    """
    logits = rows[:, -BINS:].reshape(len(rows), 4, -1)
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    steps = np.arange(logits.shape[-1], dtype=np.float32)
    sides = weights @ steps / weights.sum(axis=-1)  # (N, 4)
    start = grid[:, :2] + np.float32(offset)
    corners = np.hstack([start - sides[:, :2], start + sides[:, 2:]]) * grid[:, 2:]
    return corners, rows[:, person]


def spread_by_stride(
    *outputs: Float32[np.ndarray, "_ _"], grid: Float32[np.ndarray, "N 3"], person: int
) -> Boxes:
    """As `spread`, from the centres of cells: scores of each stride, then bins of each."""
    half = len(outputs) // 2
    rows = np.hstack([np.concatenate(outputs[:half]), np.concatenate(outputs[half:])])
    return spread(rows, grid=grid, offset=0.5, person=person)


def _corners(centre_size: Float32[np.ndarray, "N 4"]) -> Float32[np.ndarray, "N 4"]:
    half = centre_size[:, 2:] / 2
    return np.hstack([centre_size[:, :2] - half, centre_size[:, :2] + half])
