"""Joint angles of a body, of one pose or of a whole clip.

The angle at a joint is the one inside, between the bones that meet there: 180 is a straight limb,
0 a limb folded flat. Signs, sides and gravity are left to `body`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from blazepose.pose import Pose
from blazepose.shapes import Float, Int64
from blazepose.skeleton import BLAZEPOSE33, Skeleton

SEEN = 0.5  # visibility from which a point counts as seen, as in the released solution

# Each angle lies at the middle point of three; "*" stands for left, then right.
_JOINTS = {
    "*_knee": "*_hip *_knee *_ankle",
    "*_hip": "*_shoulder *_hip *_knee",
    "*_elbow": "*_shoulder *_elbow *_wrist",
    "*_shoulder": "*_hip *_shoulder *_elbow",
    "*_ankle": "*_knee *_ankle *_foot_index",
}
JOINT_ANGLES = tuple(joint.replace("*", side) for joint in _JOINTS for side in ("left", "right"))
TRUNK = "trunk"
_TRUNK_POINTS = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
ANGLES = (*JOINT_ANGLES, TRUNK)


@dataclass(frozen=True, eq=False)
class Angles:
    """The angles `ANGLES` of a body, at one moment or at T.

    Knee: 180 is a straight leg. Hip: 180 is a thigh in line with the trunk. Elbow: 180 is a
    straight arm. Shoulder: 0 is an upper arm along the trunk, 90 at a right angle to it, 180
    overhead. Ankle: between shin and foot, about 100 when standing. Trunk: lean of the line from
    mid-hip to mid-shoulder away from upright, 0 standing, 90 lying, 180 upside down, taking the
    picture's up for the world's.

    Attributes:
        degrees: (..., 11) 0..180; NaN where a point is not seen.
        confidence: (..., 11) 0..1, of the least visible point that the angle needs.
    """

    degrees: Float[np.ndarray, "*T A"]
    confidence: Float[np.ndarray, "*T A"]

    def __getitem__(self, name: str) -> Float[np.ndarray, "*T"]:
        """Degrees of one angle over time."""
        return self.degrees[..., ANGLES.index(name)]

    def difference(self, joint: str) -> Float[np.ndarray, "*T"]:
        """Left less right, in degrees, of "knee", "hip", "elbow", "shoulder" or "ankle"."""
        return np.asarray(self[f"left_{joint}"] - self[f"right_{joint}"])


def joint_angles(
    points: Float[np.ndarray, "*T K D"],
    sureness: Float[np.ndarray, "*T K"],
    *,
    skeleton: Skeleton = BLAZEPOSE33,
    seen: float = SEEN,
) -> Angles:
    """The angles of a body.

    Args:
        points: world points in metres (D = 3), or points of the picture in px (D = 2), y down.
        sureness: 0..1 how surely each point is seen.
        skeleton: names of the K points; angles whose points it lacks are NaN with confidence 0.
        seen: sureness that all points of an angle need, else it is NaN.
    """
    known = np.concatenate([points, np.full_like(points[..., :1, :], np.nan)], axis=-2)
    sure = np.concatenate([sureness, np.zeros_like(sureness[..., :1])], axis=-1)
    first, middle, last = np.moveaxis(known[..., _triples(skeleton), :].astype(np.float64), -2, 0)
    ends = places(skeleton, _TRUNK_POINTS)
    trunk = known[..., ends, :].astype(np.float64)
    degrees = np.concatenate(
        [between(first - middle, last - middle), _lean(trunk)[..., None]], axis=-1
    )
    confidence = np.concatenate(
        [sure[..., _triples(skeleton)].min(axis=-1), sure[..., ends].min(axis=-1)[..., None]],
        axis=-1,
    )
    confidence = np.where(np.isfinite(degrees), np.nan_to_num(confidence), 0.0)
    return Angles(np.where(confidence >= seen, degrees, np.nan), confidence)


def pose_angles(pose: Pose, *, image: bool = False, seen: float = SEEN) -> Angles:
    """The angles of one pose, (11,) each.

    Args:
        pose: from a tracker.
        image: measure in the plane of the picture instead of in space; right for limbs that move
            across the line of sight, and all there is for a network that sees no depth.
        seen: as for `joint_angles`.
    """
    points = pose.points[:, :2] if image else pose.world
    return joint_angles(points, sureness(pose), skeleton=pose.skeleton, seen=seen)


def clip_angles(poses: Sequence[Pose | None], *, image: bool = False, seen: float = SEEN) -> Angles:
    """The angles over a clip, (T, 11) each; NaN with confidence 0 where nobody is there."""
    shape = (0, len(ANGLES))
    nobody = Angles(np.full(shape[1], np.nan), np.zeros(shape[1]))
    each = [pose_angles(pose, image=image, seen=seen) if pose else nobody for pose in poses]
    degrees = np.array([angles.degrees for angles in each]).reshape(-1, shape[1])
    confidence = np.array([angles.confidence for angles in each]).reshape(-1, shape[1])
    return Angles(degrees, confidence)


def sureness(pose: Pose) -> Float[np.ndarray, " K"]:
    """How surely each point is seen, 0..1: in the frame, not hidden, and with a place."""
    placed = np.isfinite(pose.points[:, :2]).all(axis=1)
    sure = np.minimum(pose.visibility, pose.presence)
    return np.where(placed & np.isfinite(sure), sure, np.float32(0)).astype(np.float64)


def between(
    one: Float[np.ndarray, "*T D"], other: Float[np.ndarray, "*T D"]
) -> Float[np.ndarray, "*T"]:
    """Angle in degrees, 0..180, between vectors; also exact near the ends, unlike an arc cosine."""
    norms = (np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), 1e-12) for v in (one, other))
    one, other = (v / norm for v, norm in zip((one, other), norms, strict=True))
    # Kahan, How Futile are Mindless Assessments of Roundoff, 2006, section 12.
    apart, along = np.linalg.norm(one - other, axis=-1), np.linalg.norm(one + other, axis=-1)
    return np.asarray(np.degrees(2 * np.arctan2(apart, along)))


def _lean(trunk: Float[np.ndarray, "*T 4 D"]) -> Float[np.ndarray, "*T"]:
    axis = trunk[..., :2, :].mean(axis=-2) - trunk[..., 2:, :].mean(axis=-2)
    up = np.zeros_like(axis)
    up[..., 1] = -1.0
    return between(axis, up)


@lru_cache
def _triples(skeleton: Skeleton) -> Int64[np.ndarray, "A 3"]:
    chains = [chain.replace("*", side) for chain in _JOINTS.values() for side in ("left", "right")]
    return np.array([places(skeleton, tuple(chain.split())) for chain in chains])


@lru_cache
def places(skeleton: Skeleton, names: tuple[str, ...]) -> Int64[np.ndarray, " N"]:
    """Index of each point; -1, the row of unknowns put at the end, for those it lacks."""
    return np.array(
        [skeleton.index(name) if name in skeleton.names else -1 for name in names], np.int64
    )
