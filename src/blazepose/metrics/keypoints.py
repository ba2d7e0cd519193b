"""Keypoints in the picture: PCK and what is made of the same distances.

Everything starts from `relative_error`, the distance of each keypoint from its label in units of
the person's size; what that size is, the caller says (see `scales`).
"""

from __future__ import annotations

import numpy as np

from blazepose.shapes import Bool, Float

_CHANCE = 0.5  # visibility from which a point is said to be visible


def relative_error(
    pred: Float[np.ndarray, "N K 2"],
    truth: Float[np.ndarray, "N K 2"],
    labelled: Bool[np.ndarray, "N K"],
    scale: Float[np.ndarray, " N"],
) -> Float[np.ndarray, "N K"]:
    """Distance of each keypoint from its label, in units of the person's size.

    Args:
        pred: px; NaN where nothing was found.
        truth: px; not looked at where `labelled` is False.
        labelled: which keypoints count.
        scale: the person's size in px, e.g. `torso_size`; NaN or 0 leaves the person out.

    Returns:
        Infinity for a keypoint that was not found, NaN for one that does not count.
    """
    usable = scale > 0  # NaN is not
    distance = np.linalg.norm(pred.astype(np.float64) - truth, axis=-1)
    distance[np.isnan(pred).any(axis=-1)] = np.inf
    relative = distance / np.where(usable, scale, 1.0)[:, None]
    return np.where(labelled & usable[:, None], relative, np.nan)


def pck(
    pred: Float[np.ndarray, "N K 2"],
    truth: Float[np.ndarray, "N K 2"],
    labelled: Bool[np.ndarray, "N K"],
    scale: Float[np.ndarray, " N"],
    alpha: float = 0.2,
) -> float:
    """PCK, the share of keypoints that are nearer to their label than `alpha * scale`.

    All keypoints weigh the same, whoever they belong to (Yang & Ramanan, TPAMI 2013). With
    `head_size` it is PCKh.

    Args:
        pred: as for `relative_error`.
        truth: as for `relative_error`.
        labelled: as for `relative_error`.
        scale: as for `relative_error`.
        alpha: share of `scale` that the distance must stay below.

    Returns:
        Share of correct keypoints, 0..1.

    Raises:
        ValueError: no keypoint counts.
    """
    errors = _counted(relative_error(pred, truth, labelled, scale))
    return float((errors < alpha).mean())


def pck_curve(
    errors: Float[np.ndarray, "N K"], alphas: Float[np.ndarray, " A"]
) -> Float[np.ndarray, " A"]:
    """PCK at each of several alphas, 0..1.

    Args:
        errors: from `relative_error`.
        alphas: shares of the scale.

    Raises:
        ValueError: no keypoint counts.
    """
    ordered = np.sort(_counted(errors))
    return np.searchsorted(ordered, alphas, side="left") / len(ordered)


def auc(errors: Float[np.ndarray, "N K"], *, limit: float = 0.5) -> float:
    """Area under the PCK curve from alpha 0 to `limit`, 0..1.

    A keypoint at distance d is correct for all alphas above d, so the area is the mean of
    `1 - d / limit`, not below 0: exact, whatever the steps of a drawn curve.

    Args:
        errors: from `relative_error`.
        limit: the largest alpha.

    Raises:
        ValueError: no keypoint counts.
    """
    return float(np.clip(1 - _counted(errors) / limit, 0, None).mean())


def pck_per_joint(errors: Float[np.ndarray, "N K"], alpha: float = 0.2) -> Float[np.ndarray, " K"]:
    """PCK of each keypoint, 0..1; NaN for one that never counts.

    Args:
        errors: from `relative_error`.
        alpha: share of the scale.
    """
    counted = ~np.isnan(errors)
    right = (errors < alpha).sum(axis=0)
    return np.where(counted.any(axis=0), right / np.maximum(counted.sum(axis=0), 1), np.nan)


def pdj(errors: Float[np.ndarray, "N K"], alpha: float = 0.2) -> float:
    """PDJ, the percentage of detected joints: the mean over joints of each one's share, 0..1.

    Unlike in PCK every joint weighs the same, however often it is labelled. Its scale is the torso
    (Sapp & Taskar, CVPR 2013; Toshev & Szegedy, CVPR 2014).

    Args:
        errors: from `relative_error` with `torso_size`.
        alpha: share of the torso.

    Raises:
        ValueError: no keypoint counts.
    """
    _counted(errors)
    return float(np.nanmean(pck_per_joint(errors, alpha)))


def visibility_accuracy(
    pred: Float[np.ndarray, "N K"],
    visible: Bool[np.ndarray, "N K"],
    labelled: Bool[np.ndarray, "N K"],
) -> float:
    """Share of labelled keypoints that are rightly called visible or hidden, 0..1.

    Args:
        pred: probability of being visible; NaN where nothing was found, which is wrong.
        visible: what the labels say.
        labelled: which keypoints count.

    Raises:
        ValueError: no keypoint counts.
    """
    right = ((pred > _CHANCE) == visible) & ~np.isnan(pred)
    return float(_counted(np.where(labelled, right, np.nan)).mean())


def _counted(values: Float[np.ndarray, "N K"]) -> Float[np.ndarray, " C"]:
    """Those that are not NaN, of everybody."""
    counted = values[~np.isnan(values)]
    if not len(counted):
        raise ValueError("expected at least one labelled keypoint of a person with a scale, got 0")
    return counted
