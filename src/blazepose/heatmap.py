"""Heatmaps to coordinates."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided

from blazepose.boxes import sigmoid
from blazepose.shapes import Float32, Int64

KERNEL = 7
MIN_CONFIDENCE = 0.5
# In stills, of a point's maximum in the whole map; chosen on LSP 1..1000 (docs/experiments.md).
MIN_PEAK = 0.3
_REACH = KERNEL // 2
_OFFSETS = np.arange(-_REACH, _REACH + 1, dtype=np.float32)


def refine(
    points: Float32[np.ndarray, "K 2"], logits: Float32[np.ndarray, "R C K"]
) -> Float32[np.ndarray, "K 2"]:
    """Move points to the weighted mean of their heatmap in a window round them.

    A point stays where it is when its window has no confidence of at least 0.5, or when it lies
    outside the map. Source: MediaPipe RefineLandmarksFromHeatmapCalculator, kernel size 7; as
    there, cell i stands for the coordinate i / R.

    Args:
        points: x, y in 0..1 of the crop.
        logits: heatmap of each point; sigmoid gives the confidence.
    """
    rows, columns, _ = logits.shape
    cells = np.trunc(points * np.array([columns, rows], np.float32)).astype(np.int64)
    at_home = ((cells >= 0) & (cells < np.array([columns, rows]))).all(axis=1)
    means, confidence = _means(cells, logits)
    return np.where((at_home & (confidence >= MIN_CONFIDENCE))[:, None], means, points)


def peaks(
    points: Float32[np.ndarray, "K 2"], logits: Float32[np.ndarray, "R C K"]
) -> Float32[np.ndarray, "K 2"]:
    """Move points to the maximum of their heatmap, wherever it is; arguments as for `refine`.

    The regression answers for the whole body at once and misses the joints of rare poses, which
    the heatmap often sees. A point stays where it is when its map has no confidence of 0.3.
    """
    rows, columns, count = logits.shape
    best = logits.reshape(rows * columns, count).argmax(axis=0)
    means, confidence = _means(np.stack([best % columns, best // columns], axis=1), logits)
    return np.where((confidence >= MIN_PEAK)[:, None], means, points)


def _means(
    cells: Int64[np.ndarray, "K 2"], logits: Float32[np.ndarray, "R C K"]
) -> tuple[Float32[np.ndarray, "K 2"], Float32[np.ndarray, " K"]]:
    """Weighted mean in the window round each cell, 0..1 of the crop, and the highest weight."""
    rows, columns, count = logits.shape
    # A window that would reach over the edge is moved in, and the cells it gains do not count.
    corner = np.clip(cells - _REACH, 0, (columns - KERNEL, rows - KERNEL))
    windows = as_strided(
        logits,
        (rows - KERNEL + 1, columns - KERNEL + 1, count, KERNEL, KERNEL),
        (*logits.strides, *logits.strides[:2]),
    )
    confidence = sigmoid(windows[corner[:, 1], corner[:, 0], np.arange(count)])  # (K, 7, 7)
    moved = (cells - _REACH - corner).astype(np.float32)
    if moved.any():
        near = np.abs(_OFFSETS - moved[:, :, None]) <= _REACH  # (K, 2, 7)
        confidence *= near[:, 1, :, None] & near[:, 0, None, :]
    total = confidence.sum(axis=(1, 2)) + np.finfo(np.float32).tiny
    offset = np.stack([confidence.sum(axis=1) @ _OFFSETS, confidence.sum(axis=2) @ _OFFSETS], 1)
    middle = (corner + _REACH).astype(np.float32)
    means = (middle + offset / total[:, None]) / np.array([columns, rows], np.float32)
    return means, confidence.max(axis=(1, 2))
