"""Names, numbers and defaults are those of MediaPipe 0.10.21."""

import inspect

import pytest

import blazepose.compat.mediapipe as mp
from blazepose import skeleton
from blazepose.compat.mediapipe import solutions
from blazepose.compat.mediapipe.framework.formats import landmark_pb2
from blazepose.compat.mediapipe.python.solutions import pose as mp_pose
from blazepose.compat.mediapipe.tasks import python
from blazepose.compat.mediapipe.tasks.python import vision
from blazepose.compat.mediapipe.tasks.python.components.containers import NormalizedLandmark
from blazepose.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from blazepose.compat.mediapipe.tasks.python.vision import drawing_styles, drawing_utils
from blazepose.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode,
)


def defaults(function: object) -> dict[str, object]:
    parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def test_every_way_of_importing_leads_to_the_same_things() -> None:
    assert mp.solutions is solutions
    assert mp.solutions.pose is mp_pose
    assert mp.tasks is python
    assert mp.tasks.vision is vision
    assert mp.tasks.BaseOptions is BaseOptions
    assert vision.RunningMode is VisionTaskRunningMode
    assert drawing_utils.draw_landmarks is solutions.drawing_utils.draw_landmarks
    assert (
        drawing_styles.get_default_pose_landmarks_style
        is solutions.drawing_styles.get_default_pose_landmarks_style
    )
    assert vision.PoseLandmark is mp_pose.PoseLandmark
    assert landmark_pb2.NormalizedLandmark is not NormalizedLandmark


def test_landmarks_are_numbered_as_our_skeleton() -> None:
    names = [point.name.lower() for point in mp_pose.PoseLandmark]
    assert tuple(names) == skeleton.BLAZEPOSE33.names
    assert list(mp_pose.PoseLandmark) == list(range(33))


def test_connections_are_pairs_with_the_lower_number_first() -> None:
    connections = mp_pose.POSE_CONNECTIONS
    assert len(connections) == 35
    assert all(start < end for start, end in connections)
    assert {(0, 1), (0, 4), (3, 7), (9, 10), (11, 23), (27, 31), (28, 32)} <= connections
    tasks = vision.PoseLandmarksConnections.POSE_LANDMARKS
    assert {(c.start, c.end) for c in tasks} == connections


def test_the_solution_has_the_known_defaults() -> None:
    assert defaults(mp_pose.Pose.__init__) == {
        "static_image_mode": False,
        "model_complexity": 1,
        "smooth_landmarks": True,
        "enable_segmentation": False,
        "smooth_segmentation": True,
        "min_detection_confidence": 0.5,
        "min_tracking_confidence": 0.5,
    }


def test_the_task_has_the_known_defaults() -> None:
    assert defaults(vision.PoseLandmarkerOptions) == {
        "running_mode": vision.RunningMode.IMAGE,
        "num_poses": 1,
        "min_pose_detection_confidence": 0.5,
        "min_pose_presence_confidence": 0.5,
        "min_tracking_confidence": 0.5,
        "output_segmentation_masks": False,
        "result_callback": None,
    }
    assert list(defaults(BaseOptions)) == ["model_asset_path", "model_asset_buffer", "delegate"]
    assert BaseOptions.Delegate.GPU == 1
    assert [mode.value for mode in vision.RunningMode] == ["IMAGE", "VIDEO", "LIVE_STREAM"]


def test_drawing_has_the_known_defaults() -> None:
    assert list(defaults(drawing_utils.draw_landmarks).values())[:2] == [
        None,
        drawing_utils.DrawingSpec((0, 0, 255), 2, 2),
    ]
    assert defaults(drawing_utils.DrawingSpec) == {
        "color": (224, 224, 224),
        "thickness": 2,
        "circle_radius": 2,
    }
    assert defaults(drawing_utils.plot_landmarks)["elevation"] == 10


def test_what_is_not_pose_says_so_and_counts_as_absent() -> None:
    style = "get_default_hand_landmarks_style"
    for module, name in (
        *((solutions, "hands"), (vision, "HandLandmarker"), (mp, "Packet")),
        *((solutions.drawing_styles, style), (solutions.drawing_utils, "draw_detection")),
    ):
        assert not hasattr(module, name)
        with pytest.raises(AttributeError, match=name):
            getattr(module, name)
