"""Sample: one labelled person in one image, whatever file the labels came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from blazepose.datasets.broken import OnBroken
from blazepose.errors import SourceError
from blazepose.shapes import Bool, Float32, Shaped, UInt8
from blazepose.skeleton import Skeleton

UNLABELLED, HIDDEN, VISIBLE = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Sample:
    """A labelled person. K is the number of keypoints of `skeleton`.

    Attributes:
        image: file of the image; several people may share one.
        points: (K, 2) px; x right, y down, corner convention as in `geometry`; finite, and without
            meaning where `visible` is UNLABELLED.
        visible: (K,) the codes of COCO: UNLABELLED (0), HIDDEN (1; labelled, but something is in
            front of it) or VISIBLE (2).
        box_xyxy: (4,) px, the person's box; None when the data set has none.
        skeleton: names and order of the keypoints.
    """

    image: Path
    points: Float32[np.ndarray, "K 2"]
    visible: UInt8[np.ndarray, " K"]
    box_xyxy: Float32[np.ndarray, "4"] | None
    skeleton: Skeleton

    @property
    def labelled(self) -> Bool[np.ndarray, " K"]:
        """Which keypoints have a position, hidden ones included."""
        return self.visible != UNLABELLED


def make_sample(
    image: Path,
    keypoints: Shaped[np.ndarray, "K 3"],
    skeleton: Skeleton,
    *,
    box_xyxy: Shaped[np.ndarray, "4"] | None = None,
    where: str,
    on_broken: OnBroken,
) -> Sample:
    """A sample from rows of x, y and code, with only finite numbers in it.

    A keypoint without a finite position is told to `on_broken` and becomes UNLABELLED; a box
    without is told and left out. The person stays, so numbers of people do not shift.

    Args:
        image: file of the image.
        keypoints: x and y in px, then UNLABELLED, HIDDEN or VISIBLE.
        skeleton: their names and order.
        box_xyxy: px.
        where: what a message calls the label: file, and line or annotation.
        on_broken: see `OnBroken`.

    Raises:
        SourceError: another code.
    """
    if not np.isin(keypoints[:, 2], (UNLABELLED, HIDDEN, VISIBLE)).all():
        codes = sorted(set(keypoints[:, 2].tolist()))
        raise SourceError(f"{where}: expected visibility 0, 1 or 2, got {codes}")
    points = np.asarray(keypoints[:, :2], np.float32)
    labelled = keypoints[:, 2] != UNLABELLED
    lost = labelled & ~np.isfinite(points).all(axis=1)
    if lost.any():
        names = ", ".join(np.array(skeleton.names)[lost])
        on_broken(SourceError(f"{where}: expected finite positions, got none for {names}"))
    if box_xyxy is not None and not np.isfinite(box_xyxy).all():
        on_broken(SourceError(f"{where}: expected a finite box, got {box_xyxy.tolist()}"))
        box_xyxy = None
    known = labelled & ~lost
    return Sample(
        image=image,
        points=np.where(known[:, None], points, np.float32(0)),
        visible=np.where(known, keypoints[:, 2], UNLABELLED).astype(np.uint8),
        box_xyxy=None if box_xyxy is None else np.asarray(box_xyxy, np.float32),
        skeleton=skeleton,
    )
