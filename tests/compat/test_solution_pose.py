import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scripted import Seen

import blazepose as bp
from blazepose.compat.mediapipe import solutions
from blazepose.compat.mediapipe.python.solution_base import SolutionBase
from standing import standing_pose

IMAGE = np.zeros((480, 400, 3), np.uint8)
LEFT_WRIST = solutions.pose.PoseLandmark.LEFT_WRIST
SQUAT = Path(__file__).parents[3] / "shared" / "data" / "videos" / "squat_front.mp4"


def test_a_person_comes_as_messages_without_presence(seen: Seen) -> None:
    person = standing_pose(center_xy=(200.0, 240.0), px_per_m=100.0)
    seen.answers = [[person]]
    with solutions.pose.Pose() as pose:
        results = pose.process(IMAGE)
    assert results.pose_landmarks
    assert results.pose_world_landmarks
    wrist = results.pose_landmarks.landmark[LEFT_WRIST]
    assert wrist.x * 400 == pytest.approx(person.points[LEFT_WRIST, 0])
    assert wrist.y * 480 == pytest.approx(person.points[LEFT_WRIST, 1])
    assert wrist.visibility == 1
    assert not wrist.HasField("presence")
    world = [[p.x, p.y, p.z] for p in results.pose_world_landmarks.landmark]
    assert np.array(world) == pytest.approx(person.world)
    assert results.segmentation_mask is None


def test_nobody_is_none(seen: Seen) -> None:
    results = solutions.pose.Pose().process(IMAGE)
    assert vars(results) == dict.fromkeys(
        ("pose_landmarks", "pose_world_landmarks", "segmentation_mask")
    )


def test_results_can_be_changed_as_scripts_that_smooth_them_do(seen: Seen) -> None:
    seen.answers = [[standing_pose(center_xy=(200.0, 240.0))]]
    results = solutions.pose.Pose().process(IMAGE)
    first = copy.copy(results.pose_landmarks)
    results.pose_landmarks = first
    del first.landmark[1:]
    results.segmentation_mask = None
    assert len(results.pose_landmarks.landmark) == 1


def test_a_solution_is_known_by_its_base(seen: Seen) -> None:
    with solutions.pose.Pose() as pose:
        assert isinstance(pose, SolutionBase)


def test_the_mask_is_that_of_the_person(seen: Seen) -> None:
    mask = np.full((480, 400), 0.75, np.float32)
    seen.answers = [[replace(standing_pose(), mask=mask)]]
    results = solutions.pose.Pose(enable_segmentation=True).process(IMAGE)
    assert results.segmentation_mask is mask
    assert seen.options["Tracker"]["mask"]


def test_arguments_by_position_are_those_of_mediapipe(seen: Seen) -> None:
    solutions.pose.Pose(False, 2, False, True, True, 0.7, 0.6)
    assert seen.options == {
        "Tracker": {
            **{"model": "heavy", "people": 1, "smooth": False, "released": True},
            **{"mask": True, "smooth_mask": True},
        }
    }


def test_masks_need_not_be_smoothed(seen: Seen) -> None:
    solutions.pose.Pose(enable_segmentation=True, smooth_segmentation=False)
    assert not seen.options["Tracker"]["smooth_mask"]


def test_static_images_are_searched_and_not_tracked(seen: Seen) -> None:
    solutions.pose.Pose(static_image_mode=True, model_complexity=0).process(IMAGE)
    assert seen.options["Estimator"]["model"] == "lite"
    assert "Tracker" not in seen.options


def test_closing_ends_the_clip_and_can_be_done_twice(seen: Seen) -> None:
    pose = solutions.pose.Pose()
    pose.close()
    pose.close()
    pose.process(IMAGE)
    assert seen.resets == 2


def test_an_unknown_complexity_is_refused(seen: Seen) -> None:
    with pytest.raises(ValueError, match="got 3"):
        solutions.pose.Pose(model_complexity=3)


@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.skipif(not SQUAT.is_file(), reason="the folder shared is not beside the checkout")
def test_a_clip_gives_what_the_tracker_gives_in_parts_of_the_frame() -> None:
    tracker = bp.Tracker("lite", released=True)
    with solutions.pose.Pose(model_complexity=0) as pose, bp.frames(SQUAT) as source:
        for frame, _ in zip(source, range(3), strict=False):
            frame.image.flags.writeable = False
            (person,) = tracker(frame.image)
            results = pose.process(frame.image)
            assert results.pose_landmarks
            places = np.array([[p.x, p.y] for p in results.pose_landmarks.landmark])
            assert places * frame.image.shape[1::-1] == pytest.approx(person.points[:, :2])
