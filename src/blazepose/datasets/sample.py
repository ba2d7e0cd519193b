"""Sample: one labelled person in one image, whatever file the labels came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float32, UInt8

from blazepose.skeleton import Skeleton

UNLABELLED, HIDDEN, VISIBLE = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Sample:
    """A labelled person. K is the number of keypoints of `skeleton`.

    Attributes:
        image: file of the image; several people may share one.
        points: (K, 2) px; x right, y down, corner convention as in `geometry`; without meaning
            where `visible` is UNLABELLED.
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
