import logging
import threading
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scripted import Seen

import blazepose as bp
import blazepose.compat.mediapipe as mp
from blazepose.compat.mediapipe.tasks.python import vision
from blazepose.compat.mediapipe.tasks.python.components.containers import (
    Landmark,
    NormalizedLandmark,
)
from blazepose.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from blazepose.errors import ModelError
from blazepose.pose import Frame
from blazepose.weights import store
from blazepose.weights.task import write_task
from standing import standing_pose

PICTURE = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.zeros((480, 400, 3), np.uint8))
FULL = BaseOptions(model_asset_path="full")
PEOPLE = [standing_pose(center_xy=(x, 240.0), px_per_m=90.0, person_id=int(x)) for x in (100, 300)]

CLIPS = Path(__file__).parents[3] / "shared" / "data" / "videos"
NO_CLIPS = pytest.mark.skipif(not CLIPS.is_dir(), reason="no folder shared beside the checkout")


def frames(name: str, count: int) -> list[mp.Image]:
    with bp.frames(CLIPS / name) as source:
        taken = zip(source, range(count), strict=False)
        return [mp.Image(mp.ImageFormat.SRGB, frame.image) for frame, _ in taken]


def video(**options: object) -> vision.PoseLandmarker:
    mode = vision.RunningMode.VIDEO
    return vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(base_options=FULL, running_mode=mode, **options)
    )


def test_a_photo_is_searched_for_as_many_people_as_wanted(seen: Seen) -> None:
    seen.answers = [PEOPLE]
    options = vision.PoseLandmarkerOptions(base_options=FULL, num_poses=2)
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        result = landmarker.detect(PICTURE)
    assert [len(person) for person in result.pose_landmarks] == [33, 33]
    for person, pose in zip(result.pose_landmarks, PEOPLE, strict=True):
        assert person[vision.PoseLandmark.NOSE].x * 400 == pytest.approx(pose.points[0, 0])
        assert person[0].visibility == person[0].presence == 1
    assert isinstance(result.pose_world_landmarks[1][0], Landmark)
    assert result.segmentation_masks is None
    assert seen.options == {"Estimator": {"model": "full", "mask": False, "people": 2}}


def test_nobody_is_empty_lists(seen: Seen) -> None:
    result = vision.PoseLandmarker.create_from_model_path("lite").detect(PICTURE)
    assert result == vision.PoseLandmarkerResult([], [])
    assert seen.options["Estimator"]["model"] == "lite"


def test_masks_are_pictures_of_one_float(seen: Seen) -> None:
    mask = np.random.default_rng(0).random((480, 400), np.float32)
    seen.answers = [[replace(PEOPLE[0], mask=mask)]]
    masks = video(output_segmentation_masks=True).detect_for_video(PICTURE, 0).segmentation_masks
    assert masks
    assert (masks[0].numpy_view() == mask).all()
    assert masks[0].image_format is mp.ImageFormat.VEC32F1


def test_a_video_is_tracked_in_its_own_time(seen: Seen) -> None:
    landmarker = video(num_poses=3)
    for timestamp_ms in (1000, 1040, 1140):
        landmarker.detect_for_video(PICTURE, timestamp_ms)
    times = [frame.time_s for frame in seen.images if isinstance(frame, Frame)]
    assert np.diff(times) == pytest.approx([0.04, 0.1])
    assert seen.options["Tracker"] == {
        "model": "full",
        "people": 3,
        "smooth": True,
        "released": True,
        "mask": False,
        "smooth_mask": True,
    }


def test_timestamps_that_do_not_grow_are_taken(seen: Seen) -> None:
    landmarker = video()
    for timestamp_ms in (100, 100, 0):
        assert landmarker.detect_for_video(PICTURE, timestamp_ms).pose_landmarks == []


def test_live_results_come_with_their_picture_and_time_from_another_thread(seen: Seen) -> None:
    seen.answers = [PEOPLE[:1]]
    results: list[tuple] = []

    def take(result: vision.PoseLandmarkerResult, image: mp.Image, timestamp_ms: int) -> None:
        results.append((len(result.pose_landmarks), image, timestamp_ms, threading.get_ident()))

    options = vision.PoseLandmarkerOptions(
        base_options=FULL, running_mode=vision.RunningMode.LIVE_STREAM, result_callback=take
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        landmarker.detect_async(PICTURE, 77)
    assert [r[:3] for r in results] == [(1, PICTURE, 77)]
    assert results[0][3] != threading.get_ident()


@pytest.mark.usefixtures("no_collector", "seen")
def test_a_live_landmarker_that_is_closed_is_let_go() -> None:
    mode = vision.RunningMode.LIVE_STREAM
    landmarker = vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(FULL, mode, result_callback=lambda *given: None)
    )
    landmarker.detect_async(PICTURE, 1)
    landmarker.close()
    alive = weakref.ref(landmarker)
    del landmarker
    assert alive() is None


def test_an_error_in_the_callback_is_raised_at_the_end(seen: Seen) -> None:
    def fail(result: vision.PoseLandmarkerResult, image: mp.Image, timestamp_ms: int) -> None:
        raise KeyError("callback")

    mode = vision.RunningMode.LIVE_STREAM
    landmarker = vision.PoseLandmarker.create_from_options(
        vision.PoseLandmarkerOptions(FULL, mode, result_callback=fail)
    )
    landmarker.detect_async(PICTURE, 1)
    with pytest.raises(KeyError, match="callback"):
        landmarker.close()


def test_each_call_belongs_to_one_running_mode(seen: Seen) -> None:
    with pytest.raises(ValueError, match="IMAGE, got VIDEO"):
        video().detect(PICTURE)
    photos = vision.PoseLandmarker.create_from_model_path("full")
    with pytest.raises(ValueError, match="VIDEO, got IMAGE"):
        photos.detect_for_video(PICTURE, 0)
    with pytest.raises(ValueError, match="LIVE_STREAM, got IMAGE"):
        photos.detect_async(PICTURE, 0)


def test_a_callback_belongs_to_live_pictures_alone(seen: Seen) -> None:
    with pytest.raises(ValueError, match="VIDEO with one"):
        video(result_callback=lambda *_: None)
    live = vision.PoseLandmarkerOptions(FULL, vision.RunningMode.LIVE_STREAM)
    with pytest.raises(ValueError, match="LIVE_STREAM without one"):
        vision.PoseLandmarker.create_from_options(live)


@pytest.mark.parametrize(
    "options",
    [
        vision.ImageProcessingOptions(rotation_degrees=90),
        vision.ImageProcessingOptions(region_of_interest=(0, 0, 1, 1)),
    ],
)
def test_turning_and_cropping_are_left_to_the_caller(
    seen: Seen, options: vision.ImageProcessingOptions
) -> None:
    photos = vision.PoseLandmarker.create_from_model_path("full")
    photos.detect(PICTURE, vision.ImageProcessingOptions())
    with pytest.raises(ValueError, match="first"):
        photos.detect(PICTURE, options)


def test_the_higher_confidence_counts(seen: Seen) -> None:
    landmarker = video(min_pose_presence_confidence=0.9)
    seen.answers = [[replace(PEOPLE[0], score=0.8)]]
    assert landmarker.detect_for_video(PICTURE, 0).pose_landmarks == []


def test_a_bundle_in_memory_reaches_the_tracker_as_a_file(
    seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def tracker(model: Path, **options: object) -> object:
        read.append(Path(model).read_bytes())
        return seen.stand_in("Tracker")(model, **options)

    monkeypatch.setattr("blazepose.compat.engine.Estimator", tracker)
    options = vision.PoseLandmarkerOptions(BaseOptions(model_asset_buffer=b"bundle"))
    vision.PoseLandmarker.create_from_options(options)
    assert read == [b"bundle"]
    assert not Path(seen.options["Tracker"]["model"]).exists()


def test_a_gpu_is_answered_with_a_warning(seen: Seen, caplog: pytest.LogCaptureFixture) -> None:
    options = BaseOptions(model_asset_path="full", delegate=BaseOptions.Delegate.GPU)
    with caplog.at_level(logging.WARNING):
        vision.PoseLandmarker.create_from_options(vision.PoseLandmarkerOptions(options))
    assert "processor" in caplog.text


def test_landmarks_go_into_messages_and_back() -> None:
    point = NormalizedLandmark(0.5, 0.25, -1.0, 0.75)
    message = point.to_pb2()
    assert (message.x, message.visibility, message.HasField("presence")) == (0.5, 0.75, False)
    assert NormalizedLandmark.create_from_pb2(message) == replace(point, presence=0.0)
    assert Landmark.create_from_pb2(Landmark(x=1.0).to_pb2()).x == 1.0


def test_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="model_asset_path"):
        vision.PoseLandmarker.create_from_options(vision.PoseLandmarkerOptions(BaseOptions()))
    with pytest.raises(ModelError, match="does not exist") as raised:
        vision.PoseLandmarker.create_from_model_path(str(tmp_path / "pose_landmarker.task"))
    assert isinstance(raised.value, RuntimeError)  # as scripts catch it


@pytest.mark.weights
@pytest.mark.shared
@NO_CLIPS
def test_a_bundle_is_read_from_a_file_and_from_memory(tmp_path: Path) -> None:
    bundle = tmp_path / "pose_landmarker_lite.task"
    networks = [store.path(name).read_bytes() for name in ("detector", "lite")]
    write_task(bundle, detector=networks[0], landmarks=networks[1])
    (picture,) = frames("squat_front.mp4", 1)
    results = []
    for model in (
        BaseOptions(str(bundle)),
        BaseOptions(model_asset_buffer=bundle.read_bytes()),
        BaseOptions("lite"),
    ):
        options = vision.PoseLandmarkerOptions(model, vision.RunningMode.VIDEO)
        with vision.PoseLandmarker.create_from_options(options) as landmarker:
            results.append(landmarker.detect_for_video(picture, 0))
    assert len(results[0].pose_landmarks) == 1
    assert results[0] == results[1] == results[2]


@pytest.mark.weights
@pytest.mark.shared
@NO_CLIPS
def test_two_people_are_followed_with_masks_of_their_own() -> None:
    options = vision.PoseLandmarkerOptions(
        BaseOptions("lite"), vision.RunningMode.VIDEO, num_poses=2, output_segmentation_masks=True
    )
    with vision.PoseLandmarker.create_from_options(options) as landmarker:
        for i, picture in enumerate(frames("multi_person_demo.mp4", 4)):
            result = landmarker.detect_for_video(picture, i)
    left, right = sorted(person[0].x for person in result.pose_landmarks)
    assert right - left > 0.1
    assert result.segmentation_masks
    one, other = (mask.numpy_view() > 0.5 for mask in result.segmentation_masks)
    assert not (one == other).all()
