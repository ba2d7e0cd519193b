"""Landmark network: a region of a frame -> the keypoints of the person in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from blazepose import heatmap
from blazepose.boxes import sigmoid
from blazepose.geometry import crop, rotation, uncrop, uncrop_points
from blazepose.pose import Pose, Roi
from blazepose.roi import as_sampled_by_mediapipe, from_circle
from blazepose.runtimes import Network, Runtime, load
from blazepose.skeleton import BLAZEPOSE33

SIZE = 256
KEYPOINTS = len(BLAZEPOSE33)
ROWS = 39  # 33 keypoints, 2 auxiliary points that give the next region, 4 unused
_POINTS = {"landmarks": (ROWS * 5,), "presence": (1,), "world": (ROWS * 3,)}
_HEATMAP = {"heatmap": (64, 64, ROWS)}
_MASK = {"mask": (SIZE, SIZE, 1)}
# A point this far outside the frame, in parts of the region, is surely not in the frame.
_EDGE = 0.05


@dataclass(frozen=True, eq=False)
class Landmarks:
    """A pose before smoothing, with what the next frame needs.

    Attributes:
        pose: id 0.
        auxiliary: (2, 2) px; centre and rim of the circle round the person.
    """

    pose: Pose
    auxiliary: Float32[np.ndarray, "2 2"]

    @property
    def diameter(self) -> float:
        """Of the circle round the person, in px: the unit of speeds for smoothing."""
        return max(2 * float(np.hypot(*(self.auxiliary[1] - self.auxiliary[0]))), 1.0)

    @property
    def next_roi(self) -> Roi:
        """Where to look for the same person next."""
        return from_circle(self.auxiliary[0], self.auxiliary[1])


class Landmarker:
    """Runs the landmark network on regions of frames."""

    def __init__(self, network: Runtime) -> None:
        self._network = network

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        refine: bool = True,
        mask: bool = False,
        runtime: str = "auto",
        threads: int | None = None,
    ) -> Landmarker:
        """Load a landmark network; errors as in `runtimes.load`.

        Args:
            path: of the model file.
            refine: move points to their heatmap's maximum, as the released solution does.
            mask: make `pose.mask`.
            runtime: see `runtimes.load`.
            threads: see `runtimes.load`.
        """
        outputs = _POINTS | (_HEATMAP if refine else {}) | (_MASK if mask else {})
        network = Network("landmark network", size=SIZE, mean=0, std=255, outputs=outputs)
        return cls(load(path, network, runtime=runtime, threads=threads))

    def __call__(self, image: UInt8[np.ndarray, "H W 3"], roi: Roi) -> Landmarks:
        """Landmarks of the person in a region; `pose.score` says whether there is one."""
        patch = crop(image, as_sampled_by_mediapipe(roi, SIZE), SIZE)
        output = {name: values[0] for name, values in self._network(patch[None]).items()}
        rows = output["landmarks"].reshape(ROWS, 5)
        places = rows[:, :2] / np.float32(SIZE)  # 0..1 of the region
        if "heatmap" in output:
            places = heatmap.refine(places, output["heatmap"])
        placed = uncrop_points(places, roi)
        height, width = image.shape[:2]
        points = placed[:KEYPOINTS]
        presence = sigmoid(rows[:KEYPOINTS, 4]) * _share_inside(points, roi, width, height)
        pose = Pose(
            points=np.column_stack([points, rows[:KEYPOINTS, 2] * np.float32(roi.size / SIZE)]),
            world=_turned(output["world"].reshape(ROWS, 3)[:KEYPOINTS], roi),
            visibility=np.minimum(sigmoid(rows[:KEYPOINTS, 3]), presence),
            presence=presence,
            score=float(output["presence"][0]),
            roi=roi,
            mask=uncrop(sigmoid(output["mask"][..., 0]), roi, (width, height))
            if "mask" in output
            else None,
        )
        return Landmarks(pose, placed[KEYPOINTS : KEYPOINTS + 2])


def _turned(world: Float32[np.ndarray, "K 3"], roi: Roi) -> Float32[np.ndarray, "K 3"]:
    """World points from the upright crop to the camera's upright."""
    return np.column_stack([world[:, :2] @ rotation(roi.angle_rad).T, world[:, 2]])


def _share_inside(
    points: Float32[np.ndarray, "K 2"], roi: Roi, width: int, height: int
) -> Float32[np.ndarray, " K"]:
    """1 for points in the frame, falling to 0 at `_EDGE` of the region outside of it.

    The network is often sure of a point that it puts below the lower edge; such a point is not
    in the frame, which is what presence means.
    """
    outside = np.maximum(-points, points - np.array([width, height], np.float32)).max(axis=1)
    return np.clip(1 - outside / np.float32(_EDGE * roi.size), 0, 1)
