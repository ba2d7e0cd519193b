"""Landmark network: a region of a frame -> the keypoints of the person in it.

The released networks and those of any skeleton: names and number of the points are what the file
says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from blazepose import heatmap
from blazepose.boxes import sigmoid
from blazepose.geometry import crop, rotation, uncrop, uncrop_points
from blazepose.pose import Pose, Roi
from blazepose.roi import as_sampled_by_mediapipe, circle, from_circle, from_keypoints, from_points
from blazepose.runtimes import Network, Runtime, load
from blazepose.runtimes.inspect import skeleton_in
from blazepose.skeleton import BLAZEPOSE33, Skeleton

SIZE = 256
_RELEASED_ROWS = 39  # 33 keypoints, 2 auxiliary points that give the next region, 4 unused
# A point this far outside the frame, in parts of the region, is surely not in the frame.
_EDGE = 0.05
_PRESENT = 0.5
_TRUNK = {f"{side}_{part}" for side in ("left", "right") for part in ("hip", "shoulder")}


@dataclass(frozen=True, eq=False)
class Landmarks:
    """A pose before smoothing, with what the next frame needs.

    Attributes:
        pose: id 0.
        auxiliary: (2, 2) px; centre and rim of the circle round the person. A network with the
            released 39 rows predicts them; for any other they follow from the points.
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
    """Runs a landmark network on regions of frames.

    Attributes:
        skeleton: names of the points it finds.
    """

    def __init__(self, network: Runtime, *, skeleton: Skeleton = BLAZEPOSE33) -> None:
        self._network = network
        self.skeleton = skeleton

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        refine: bool = True,
        mask: bool = False,
        runtime: str = "auto",
        threads: int | None = None,
        name: str | None = None,
    ) -> Landmarker:
        """Load a landmark network; errors as in `runtimes.load`.

        Args:
            path: of the model file.
            refine: move points to their heatmap's maximum, as the released solution does, where
                the network has heatmaps.
            mask: make `pose.mask`.
            runtime: see `runtimes.load`.
            threads: see `runtimes.load`.
            name: what messages call the file, if not by its path.
        """
        skeleton = skeleton_in(path, name=name)
        network = _network(skeleton, refine=refine, mask=mask)
        loaded = load(path, network, runtime=runtime, threads=threads, name=name)
        return cls(loaded, skeleton=skeleton)

    def __call__(self, image: UInt8[np.ndarray, "H W 3"], roi: Roi) -> Landmarks:
        """Landmarks of the person in a region; `pose.score` says whether there is one."""
        patch = crop(image, as_sampled_by_mediapipe(roi, SIZE), SIZE)
        output = {name: values[0] for name, values in self._network(patch[None]).items()}
        rows = output["landmarks"].reshape(-1, 5)
        places = rows[:, :2] / np.float32(SIZE)  # 0..1 of the region
        if "heatmap" in output:
            places = heatmap.refine(places, output["heatmap"])
        placed = uncrop_points(places, roi)
        pose = self._pose(output, rows, placed, roi, (image.shape[1], image.shape[0]))
        count = len(self.skeleton)
        predicted = len(rows) > count
        return Landmarks(pose, placed[count : count + 2] if predicted else _circle(pose))

    def _pose(
        self,
        output: Mapping[str, np.ndarray],
        rows: Float32[np.ndarray, "R 5"],
        placed: Float32[np.ndarray, "R 2"],
        roi: Roi,
        size_wh: tuple[int, int],
    ) -> Pose:
        """The pose in the frame; `placed` are the points of `rows` in px of it."""
        count = len(self.skeleton)
        points = placed[:count]
        presence = sigmoid(rows[:count, 4]) * _share_inside(points, roi, *size_wh)
        if "world" in output:
            depth = rows[:count, 2] * np.float32(roi.size / SIZE)
            world = _turned(output["world"].reshape(-1, 3)[:count], roi)
        else:
            depth, world = np.full(count, np.nan, "f4"), np.full((count, 3), np.nan, "f4")
        mask = uncrop(sigmoid(output["mask"][..., 0]), roi, size_wh) if "mask" in output else None
        return Pose(
            points=np.column_stack([points, depth]),
            world=world,
            visibility=np.minimum(sigmoid(rows[:count, 3]), presence),
            presence=presence,
            score=float(output["presence"][0]),
            roi=roi,
            mask=mask,
            skeleton=self.skeleton,
        )


def _network(skeleton: Skeleton, *, refine: bool, mask: bool) -> Network:
    """What a landmark network's file must have, and what it may have."""
    rows = _RELEASED_ROWS if skeleton.names == BLAZEPOSE33.names else len(skeleton)
    outputs = {"landmarks": (rows * 5,), "presence": (1,)}
    what = "landmark network" + (" with a mask" if mask else "")
    return Network(
        what,
        size=SIZE,
        mean=0,
        std=255,
        outputs=outputs | ({"mask": (SIZE, SIZE, 1)} if mask else {}),
        optional={"world": (rows * 3,)} | ({"heatmap": (64, 64, rows)} if refine else {}),
    )


def _circle(pose: Pose) -> Float32[np.ndarray, "2 2"]:
    """Round the person, from the points themselves.

    Those in the frame count, and hips and shoulders in any case: training shows the network people
    with mid-hip in the centre, so its guess of a hidden hip places the region better than none.
    """
    points, present = pose.points[:, :2], pose.presence > _PRESENT
    trunk = np.array([name in _TRUNK for name in pose.skeleton.names])
    roi = from_keypoints(points, present | trunk, pose.skeleton)
    return circle(roi or from_points(points[present] if present.any() else points))


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
