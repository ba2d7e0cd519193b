import json
from pathlib import Path

import numpy as np
import pytest

from blazepose.coach import ANGLES, clip_angles, joint_angles, pose_angles
from blazepose.pose import Pose
from blazepose.skeleton import COCO17
from motion import MOTIONS, Camera, Figure, both, curl, squat

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("azimuth", [0, 40, 90, 200])
@pytest.mark.parametrize("depth", [0.0, 0.3, 1.0])
def test_knee_and_trunk_are_exact_to_a_tenth_of_a_degree_from_every_side(
    azimuth: float, depth: float
) -> None:
    figure = squat(depth)
    angles = pose_angles(Camera(azimuth)(figure, RNG), seen=0.2)
    bend = figure.shin[0][0] - figure.thigh[0][0]
    assert angles["trunk"] == pytest.approx(figure.trunk, abs=0.1)
    thigh, shin = (_vector(bone) for bone in (figure.thigh[0], figure.shin[0]))
    assert angles["left_knee"] == pytest.approx(180 - _apart(thigh, shin), abs=0.1)
    assert angles["left_knee"] == pytest.approx(180 - bend, abs=5)
    assert angles.difference("knee") == pytest.approx(0, abs=0.1)


def test_a_straight_limb_measures_180_and_one_folded_flat_0() -> None:
    straight = Camera()(Figure(upper=both(180), fore=both(180)), RNG)
    folded = Camera()(Figure(upper=both(180), fore=both(0)), RNG)
    assert pose_angles(straight)["left_elbow"] == pytest.approx(180, abs=0.1)
    assert pose_angles(folded)["left_elbow"] == pytest.approx(0, abs=0.1)
    assert pose_angles(straight)["left_shoulder"] == pytest.approx(9.1, abs=0.1)  # wide shoulders


def test_the_picture_shows_an_angle_across_the_line_of_sight_as_it_is() -> None:
    pose = Camera(90)(curl(0.6), RNG)
    deep, flat = pose_angles(pose), pose_angles(pose, image=True)
    assert flat["left_elbow"] == pytest.approx(deep["left_elbow"], abs=1)


def test_an_angle_whose_points_are_not_seen_is_unknown_and_says_how_sure_it_is() -> None:
    pose = Camera()(squat(0.5), RNG)
    pose.visibility[pose.skeleton.index("left_ankle")] = 0.3
    angles = pose_angles(pose)
    assert np.isnan(angles["left_knee"])
    assert angles.confidence[ANGLES.index("left_knee")] == pytest.approx(0.3)
    assert np.isfinite(angles["right_knee"])


def test_a_point_that_is_nowhere_makes_its_angles_unknown() -> None:
    pose = Camera()(squat(0.5), RNG)
    pose.world[pose.skeleton.index("right_knee")] = np.nan
    angles = pose_angles(pose)
    assert np.isnan(angles["right_knee"])
    assert angles.confidence[ANGLES.index("right_knee")] == 0


def test_a_skeleton_without_feet_has_no_ankle_angle() -> None:
    angles = pose_angles(Camera()(squat(0.5), RNG).to(COCO17))
    assert np.isnan(angles["left_ankle"])
    assert np.isfinite(angles["left_knee"])


def test_a_clip_is_its_poses_one_after_the_other() -> None:
    poses: list[Pose | None] = [Camera()(motion(0.4), RNG) for motion in MOTIONS.values()]
    clip = clip_angles([*poses, None])
    world = np.stack([pose.world for pose in poses if pose])
    assert clip.degrees.shape == (len(MOTIONS) + 1, len(ANGLES))
    assert np.isnan(clip.degrees[-1]).all()
    assert joint_angles(world, np.ones(world.shape[:2])).degrees == pytest.approx(clip.degrees[:-1])
    assert clip_angles([]).degrees.shape == (0, len(ANGLES))


@pytest.mark.shared
def test_the_released_landmarks_of_the_squat_clip_bend_the_knees_twice() -> None:
    file = Path(__file__).parents[3] / "shared" / "data" / "videos" / "pose_squats_3d.full.json"
    if not file.is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    world = np.array(json.loads(file.read_text()), np.float64)  # (65, 33, 3)
    knee = joint_angles(world, np.ones(world.shape[:2]))["left_knee"]
    assert knee[0] == pytest.approx(_by_hand(world[0]), abs=1e-6)
    down = knee < 120
    assert (np.diff(down.astype(int)) == 1).sum() == 3  # the third is under way at the end
    assert 60 < knee.min() < 100


def _by_hand(world: np.ndarray) -> float:
    thigh, shin = world[23] - world[25], world[27] - world[25]
    cosine = thigh @ shin / np.linalg.norm(thigh) / np.linalg.norm(shin)
    return float(np.degrees(np.arccos(cosine)))


def _vector(bone: tuple[float, float]) -> np.ndarray:
    angle, out = np.radians(bone)
    return np.array([np.sin(out), np.cos(angle) * np.cos(out), np.sin(angle) * np.cos(out)])


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(one @ other, -1, 1))))
