"""A person made by hand: upright, facing the camera, arms out to the sides."""

import numpy as np

from blazepose.pose import Pose, Roi
from blazepose.skeleton import BLAZEPOSE33

# Metres to the person's left, above the floor and to the front, of the left side.
_LEFT = {
    "nose": (0.0, 1.62, 0.12),
    "eye_inner": (0.02, 1.66, 0.1),
    "eye": (0.04, 1.66, 0.1),
    "eye_outer": (0.06, 1.66, 0.1),
    "ear": (0.08, 1.64, 0.0),
    "mouth": (0.03, 1.56, 0.1),
    "shoulder": (0.18, 1.45, 0.0),
    "elbow": (0.46, 1.45, 0.0),
    "wrist": (0.72, 1.45, 0.0),
    "pinky": (0.8, 1.42, 0.0),
    "index": (0.82, 1.45, 0.0),
    "thumb": (0.77, 1.48, 0.0),
    "hip": (0.1, 0.95, 0.0),
    "knee": (0.12, 0.52, 0.0),
    "ankle": (0.12, 0.1, 0.0),
    "heel": (0.12, 0.04, -0.05),
    "foot_index": (0.14, 0.0, 0.18),
}


def standing_pose(
    *,
    center_xy: tuple[float, float] = (200.0, 240.0),
    px_per_m: float = 200.0,
    person_id: int = 0,
) -> Pose:
    """All 33 points visible; `center_xy` is the mid-hip."""
    world = np.array([_world(name) for name in BLAZEPOSE33.names], np.float32)
    points = world * np.float32(px_per_m) + np.array([*center_xy, 0], np.float32)
    sure = np.ones(len(world), np.float32)
    roi = Roi(center_xy, 2.2 * px_per_m)
    return Pose(points, world, sure, sure.copy(), 1.0, roi, id=person_id)


def _world(name: str) -> tuple[float, float, float]:
    side = -1 if "right" in name else 1
    left, height, front = _LEFT[
        name.replace("left_", "").replace("right_", "").removesuffix("_left").removesuffix("_right")
    ]
    return side * left, 0.95 - height, -front
