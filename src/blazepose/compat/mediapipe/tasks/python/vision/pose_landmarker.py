"""The task API's pose landmarker: several people in photos, videos and live pictures."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import ClassVar, TypeAlias

from blazepose.compat.caught import as_runtime_errors
from blazepose.compat.engine import Engine, normalized_rows, world_rows
from blazepose.compat.mediapipe.python.solutions.pose import POSE_CONNECTIONS, PoseLandmark
from blazepose.compat.mediapipe.tasks.python.components.containers.landmark import (
    Landmark,
    NormalizedLandmark,
)
from blazepose.compat.mediapipe.tasks.python.core.base_options import BaseOptions
from blazepose.compat.mediapipe.tasks.python.vision.core.image import Image, ImageFormat
from blazepose.compat.mediapipe.tasks.python.vision.core.image_processing_options import (
    ImageProcessingOptions,
)
from blazepose.compat.mediapipe.tasks.python.vision.core.vision_task_running_mode import (
    VisionTaskRunningMode as RunningMode,
)
from blazepose.compat.newest import Newest
from blazepose.compat.stamps import Clock
from blazepose.pose import Pose

__all__ = [
    "PoseLandmark",
    "PoseLandmarker",
    "PoseLandmarkerOptions",
    "PoseLandmarkerResult",
    "PoseLandmarksConnections",
]

_log = logging.getLogger(__name__)


@dataclass
class PoseLandmarkerResult:
    """The people in a picture, each a list of landmarks; empty lists when nobody is there.

    Attributes:
        pose_landmarks: places in the image.
        pose_world_landmarks: places in space.
        segmentation_masks: (H, W) 0..1 of each person; None unless asked for.
    """

    pose_landmarks: list[list[NormalizedLandmark]]
    pose_world_landmarks: list[list[Landmark]]
    segmentation_masks: list[Image] | None = None


@dataclass
class Connection:
    """Numbers of the two landmarks that a line connects."""

    start: int
    end: int


class PoseLandmarksConnections:
    """Which landmarks a line connects."""

    Connection = Connection
    POSE_LANDMARKS: ClassVar = [Connection(*pair) for pair in sorted(POSE_CONNECTIONS)]


Callback: TypeAlias = Callable[[PoseLandmarkerResult, Image, int], None]
"""Takes a result, the picture it belongs to, and the picture's time in ms."""


@dataclass
class PoseLandmarkerOptions:
    """What the landmarker does.

    Attributes:
        base_options: the model.
        running_mode: photos, a video, or live pictures.
        num_poses: people at most.
        min_pose_detection_confidence: least score of somebody new, 0..1; 0.5 at least holds.
        min_pose_presence_confidence: least score of anybody, as above.
        min_tracking_confidence: least score of somebody followed, as above.
        output_segmentation_masks: make masks.
        result_callback: takes the results of live pictures, in a thread of its own.
    """

    base_options: BaseOptions
    running_mode: RunningMode = RunningMode.IMAGE
    num_poses: int = 1
    min_pose_detection_confidence: float = 0.5
    min_pose_presence_confidence: float = 0.5
    min_tracking_confidence: float = 0.5
    output_segmentation_masks: bool = False
    result_callback: Callback | None = None


class PoseLandmarker:
    """Finds people in photos, or follows them through a video or live pictures.

    A context manager. Made by `create_from_options` or `create_from_model_path`.
    """

    def __init__(self, options: PoseLandmarkerOptions) -> None:
        """Load the networks; errors as `create_from_options`."""
        is_live, callback = options.running_mode is RunningMode.LIVE_STREAM, options.result_callback
        if is_live != (callback is not None):
            raise ValueError(
                "a result_callback belongs to the running mode LIVE_STREAM and to no other, "
                f"got {options.running_mode.name} {'without' if is_live else 'with'} one"
            )
        self._mode = options.running_mode
        self._engine, self._clock = _engine(options), Clock()
        # Not a method: the landmarker and its thread would hold each other.
        answer = callback and partial(_answer, self._engine, self._clock, callback)
        self._live = Newest(answer) if answer else None

    @classmethod
    def create_from_model_path(cls, model_path: str | PathLike[str]) -> PoseLandmarker:
        """A landmarker for photos; errors as `create_from_options`.

        Args:
            model_path: of a .task bundle; or whatever `Tracker` takes, as the name "full".
        """
        return cls(PoseLandmarkerOptions(BaseOptions(model_path)))

    @classmethod
    def create_from_options(cls, options: PoseLandmarkerOptions) -> PoseLandmarker:
        """A landmarker that does what the options say.

        Raises:
            ModelError: no model, or a file that is none; a RuntimeError, too.
            ValueError: an option out of its range, or a callback that does not fit the mode.
        """
        return cls(options)

    def detect(
        self, image: Image, image_processing_options: ImageProcessingOptions | None = None
    ) -> PoseLandmarkerResult:
        """The people in a photo, searched for thoroughly.

        Raises:
            ValueError: another running mode than IMAGE, or options that are not supported.
        """
        self._check(RunningMode.IMAGE, image_processing_options)
        return _found(self._engine, self._clock, image, 0)

    def detect_for_video(
        self,
        image: Image,
        timestamp_ms: int,
        image_processing_options: ImageProcessingOptions | None = None,
    ) -> PoseLandmarkerResult:
        """The people in the next frame of a video.

        Args:
            image: the frame.
            timestamp_ms: its time. It should grow, but any is taken: one that lies back begins
                the smoothing anew, a count of frames is taken for 1/30 s each.
            image_processing_options: None, or the defaults.

        Raises:
            ValueError: another running mode than VIDEO, or options that are not supported.
        """
        self._check(RunningMode.VIDEO, image_processing_options)
        return _found(self._engine, self._clock, image, timestamp_ms)

    def detect_async(
        self,
        image: Image,
        timestamp_ms: int,
        image_processing_options: ImageProcessingOptions | None = None,
    ) -> None:
        """Give a live picture and return at once; the callback gets its result.

        A picture that comes while the one before it still waits takes its place. An error in the
        callback is raised at the next call, or by `close`.

        Args:
            image: the picture.
            timestamp_ms: its time, as in `detect_for_video`.
            image_processing_options: None, or the defaults.

        Raises:
            ValueError: another running mode than LIVE_STREAM, or options that are not supported.
        """
        self._check(RunningMode.LIVE_STREAM, image_processing_options)
        if self._live:
            self._live.put((image, timestamp_ms))

    def close(self) -> None:
        """Finish the live picture that waits, and end."""
        if self._live:
            self._live.close()

    def __enter__(self) -> PoseLandmarker:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _check(self, mode: RunningMode, options: ImageProcessingOptions | None) -> None:
        if self._mode is not mode:
            raise ValueError(
                f"this call belongs to the running mode {mode.name}, got {self._mode.name}: "
                "set running_mode in the options"
            )
        if options and options != ImageProcessingOptions():
            raise ValueError(
                f"expected the defaults of ImageProcessingOptions, got {options}: "
                "crop or turn the picture first"
            )


def _answer(engine: Engine, clock: Clock, callback: Callback, given: tuple[Image, int]) -> None:
    callback(_found(engine, clock, *given), *given)


def _found(engine: Engine, clock: Clock, image: Image, timestamp_ms: int) -> PoseLandmarkerResult:
    poses = engine(image.rgb(), partial(clock, timestamp_ms))
    return _result(poses, (image.width, image.height))


def _engine(options: PoseLandmarkerOptions) -> Engine:
    base = options.base_options
    if base.delegate == BaseOptions.Delegate.GPU:
        _log.warning("the delegate GPU is not supported: the networks run on the processor")
    with tempfile.TemporaryDirectory() as folder, as_runtime_errors():
        return Engine(
            _model(base, Path(folder)),
            still=options.running_mode is RunningMode.IMAGE,
            people=options.num_poses,
            mask=options.output_segmentation_masks,
            found_at=max(
                options.min_pose_detection_confidence, options.min_pose_presence_confidence
            ),
            kept_at=max(options.min_tracking_confidence, options.min_pose_presence_confidence),
        )


def _model(base: BaseOptions, folder: Path) -> str | PathLike[str]:
    """The model's path or name; a bundle given as bytes becomes a file in a folder."""
    if base.model_asset_path is not None:
        return base.model_asset_path
    if base.model_asset_buffer is None:
        raise ValueError("BaseOptions need a model: give a model_asset_path")
    bundle = folder / "model_asset_buffer.task"
    bundle.write_bytes(base.model_asset_buffer)
    return bundle


def _result(poses: list[Pose], size_wh: tuple[int, int]) -> PoseLandmarkerResult:
    masks = [pose.mask for pose in poses if pose.mask is not None]
    return PoseLandmarkerResult(
        [[NormalizedLandmark(*row) for row in normalized_rows(p, size_wh).tolist()] for p in poses],
        [[Landmark(*row) for row in world_rows(pose).tolist()] for pose in poses],
        [Image(ImageFormat.VEC32F1, mask) for mask in masks] or None,
    )
