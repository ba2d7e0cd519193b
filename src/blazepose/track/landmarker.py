"""Landmark network: a region of a frame -> the keypoints of the person in it.

The released networks and those of any skeleton: names and number of the points are what the file
says of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blazepose import heatmap
from blazepose.boxes import sigmoid
from blazepose.geometry import crop, rotation, uncrop, uncrop_points
from blazepose.pose import Pixels, Pose, Roi
from blazepose.roi import (
    as_sampled_by_mediapipe,
    circle,
    from_circle,
    from_keypoints,
    from_points,
    in_mirror,
)
from blazepose.runtimes import Network, Precision, Runtime, SideBySide, load
from blazepose.runtimes.inspect import skeleton_in
from blazepose.shapes import Float32, UInt8
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
        pose: id 0, without a mask.
        auxiliary: (2, 2) px; centre and rim of the circle round the person. A network with the
            released 39 rows predicts them; for any other they follow from the points.
        size_wh: of the frame in px.
        mask: (S, S) 0..1 in the pose's region; None unless asked for.
    """

    pose: Pose
    auxiliary: Float32[np.ndarray, "2 2"]
    size_wh: tuple[int, int]
    mask: Float32[np.ndarray, "S S"] | None = None

    @property
    def diameter(self) -> float:
        """Of the circle round the person, in px: the unit of speeds for smoothing."""
        return max(2 * float(np.hypot(*(self.auxiliary[1] - self.auxiliary[0]))), 1.0)

    @property
    def masked(self) -> Pose:
        """The pose with its mask, if there is one."""
        return self.pose if self.mask is None else replace(self.pose, mask=self.laid(self.mask))

    def laid(self, mask: Float32[np.ndarray, "S S"]) -> Float32[np.ndarray, "H W"]:
        """A mask of the region on those pixels of the frame that the network was shown."""
        return uncrop(mask, as_sampled_by_mediapipe(self.pose.roi, SIZE), self.size_wh)

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
        self._side_by_side = network if isinstance(network, SideBySide) else None
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
        precision: Precision = "auto",
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
            precision: see `runtimes.load`.
            name: what messages call the file, if not by its path.
        """
        skeleton = skeleton_in(path, name=name)
        network = _network(skeleton, refine=refine, mask=mask)
        loaded = load(
            path, network, runtime=runtime, threads=threads, precision=precision, name=name
        )
        return cls(loaded, skeleton=skeleton)

    def __call__(
        self,
        image: Pixels,
        roi: Roi,
        *,
        mirrored: bool = False,
        anywhere: bool = False,
    ) -> Landmarks:
        """Landmarks of the person in a region; `pose.score` says whether there is one.

        Args:
            image: RGB.
            roi: the region.
            mirrored: show the network the region in a mirror and turn back what it says: a second
                opinion, whose errors are others.
            anywhere: move points to their heatmap's maximum wherever it is, and not only near by
                as the released solution does: better in stills, less steady in video.
        """
        output = {k: v[0] for k, v in self._network(_patch(image, roi, mirrored)[None]).items()}
        return self._read(output, roi, image, mirrored, anywhere)

    @property
    def begins(self) -> bool:
        """Whether looks that have begun go on side by side."""
        return self._side_by_side is not None and self._side_by_side.threads > 1

    def prepare(self, *, begin: bool) -> None:
        """Get ready in the background, as far as the runtime can, for `begin` or for calls."""
        if self._side_by_side:
            self._side_by_side.prepare(begin=begin)

    def begin(self, image: Pixels, roi: Roi) -> Callable[[], Landmarks]:
        """As a call, in the background; what is returned waits for the landmarks.

        Few can be on their way: see `runtimes.SideBySide.begin`.
        """
        assert self._side_by_side
        said = self._side_by_side.begin(_patch(image, roi, mirrored=False))
        return lambda: self._read(said(), roi, image, mirrored=False, anywhere=False)

    def each(
        self,
        image: Pixels,
        rois: Sequence[Roi],
        *,
        mirrored: Sequence[bool] | None = None,
        anywhere: bool = False,
    ) -> list[Landmarks]:
        """Landmarks in several regions of one frame, computed side by side.

        Args:
            image: RGB.
            rois: the regions.
            mirrored: as for a call, for each region; None: none of them.
            anywhere: as for a call.
        """
        turned = mirrored or [False] * len(rois)
        if len(rois) < 2:  # all threads on one
            return [
                self(image, roi, mirrored=turn, anywhere=anywhere)
                for roi, turn in zip(rois, turned, strict=True)
            ]
        patches = (_patch(image, roi, turn) for roi, turn in zip(rois, turned, strict=True))
        return [
            self._read(output, roi, image, turn, anywhere)
            for output, roi, turn in zip(self._network.each(patches), rois, turned, strict=True)
        ]

    def _read(
        self,
        output: Mapping[str, np.ndarray],
        roi: Roi,
        image: Pixels,
        mirrored: bool,
        anywhere: bool,
    ) -> Landmarks:
        """What the network's outputs for a crop say, in the frame."""
        said = _Said.of(output, heatmap.peaks if anywhere else heatmap.refine)
        return self._landmarks(said.turned_back(self.skeleton) if mirrored else said, roi, image)

    def _landmarks(self, said: _Said, roi: Roi, image: Pixels) -> Landmarks:
        """What a network says of a region, in the frame."""
        size_wh = image.shape[1], image.shape[0]
        pose, placed = self._pose(said, roi, size_wh)
        count = len(self.skeleton)
        predicted = len(placed) > count
        auxiliary = placed[count : count + 2] if predicted else _circle(pose)
        return Landmarks(pose, auxiliary, size_wh, said.mask)

    def _pose(
        self, said: _Said, roi: Roi, size_wh: tuple[int, int]
    ) -> tuple[Pose, Float32[np.ndarray, "R 2"]]:
        """The pose in the frame, and all rows' places in px of it."""
        count = len(self.skeleton)
        placed = uncrop_points(said.places, roi)
        points = placed[:count]
        presence = sigmoid(said.presence[:count]) * _share_inside(points, roi, *size_wh)
        if said.world is not None:
            depth = said.depth[:count] * np.float32(roi.size / SIZE)
            world = _turned(said.world[:count], roi)
        else:
            depth, world = np.full(count, np.nan, "f4"), np.full((count, 3), np.nan, "f4")
        pose = Pose(
            points=np.column_stack([points, depth]),
            world=world,
            visibility=np.minimum(sigmoid(said.visibility[:count]), presence),
            presence=presence,
            score=said.score,
            roi=roi,
            skeleton=self.skeleton,
        )
        return pose, placed


@dataclass(frozen=True, eq=False)
class _Said:
    """What a network says about a crop. R rows: the K keypoints, then what it has besides.

    Attributes:
        places: (R, 2) 0..1 of the crop, moved to the heatmap's maximum where there is one.
        depth: (R,) px of the crop.
        visibility: (R,) logits.
        presence: (R,) logits.
        world: (R, 3) metres; None from a flat network.
        mask: (S, S) 0..1, or None.
        score: 0..1, a person is there.
    """

    places: Float32[np.ndarray, "R 2"]
    depth: Float32[np.ndarray, " R"]
    visibility: Float32[np.ndarray, " R"]
    presence: Float32[np.ndarray, " R"]
    world: Float32[np.ndarray, "R 3"] | None
    mask: Float32[np.ndarray, "S S"] | None
    score: float

    @staticmethod
    def of(
        output: Mapping[str, np.ndarray], refine: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> _Said:
        rows = output["landmarks"].reshape(-1, 5)
        places = rows[:, :2] / np.float32(SIZE)
        if "heatmap" in output:
            places = refine(places, output["heatmap"])
        depth, visibility, presence = rows[:, 2:].T
        return _Said(
            places=places,
            depth=depth,
            visibility=visibility,
            presence=presence,
            world=output["world"].reshape(-1, 3) if "world" in output else None,
            mask=sigmoid(output["mask"][..., 0]) if "mask" in output else None,
            score=float(output["presence"][0]),
        )

    def turned_back(self, skeleton: Skeleton) -> _Said:
        """What was said about a mirrored crop, as it is for the crop itself."""
        swap = skeleton.mirrored_rows(len(self.places))
        flip = np.array([-1, 1], np.float32)
        return replace(
            self,
            places=self.places[swap] * flip + np.array([1, 0], np.float32),
            depth=self.depth[swap],
            visibility=self.visibility[swap],
            presence=self.presence[swap],
            world=None if self.world is None else self.world[swap] * np.array([-1, 1, 1], "f4"),
            mask=None if self.mask is None else self.mask[:, ::-1],
        )


def _patch(image: Pixels, roi: Roi, mirrored: bool) -> UInt8[np.ndarray, "S S 3"]:
    """The pixels that the network is shown of a region."""
    if not mirrored:
        return crop(image, as_sampled_by_mediapipe(roi, SIZE), SIZE)
    sampled = in_mirror(as_sampled_by_mediapipe(in_mirror(roi), SIZE))
    return np.ascontiguousarray(crop(image, sampled, SIZE)[:, ::-1])


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
