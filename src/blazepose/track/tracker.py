"""Tracker: frames of a clip -> the people in each.

Detector only when somebody may be missing; then each frame's landmarks give the next frame's
region, which is the one back edge of the flow. One person is followed as `single` does, several
as `crowd` does, and of these one alone as `chosen` does.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from functools import partial
from numbers import Real
from os import PathLike
from threading import Lock

import numpy as np

from blazepose.pose import Frame, Pose, Roi
from blazepose.runtimes import Precision
from blazepose.skeleton import Skeleton
from blazepose.track.choice import Follow, checked, checked_region
from blazepose.track.chosen import Chosen
from blazepose.track.crowd import Crowd
from blazepose.track.models import HasNetworks, open_finder, open_networks
from blazepose.track.people import People, most_of
from blazepose.track.person import Smoothing
from blazepose.track.single import Single
from blazepose.video import as_rgb

FRAME_INTERVAL_S = 1 / 30
_BUFFERS = 3  # that callers may use by turns


class Tracker(HasNetworks):
    """Follows people through the frames of a clip.

    Example:
        >>> tracker = Tracker("full")
        >>> for frame in frames("squat.mp4"):
        ...     for pose in tracker(frame):
        ...         print(frame.time_s, pose.points[0])
    """

    def __init__(
        self,
        model: str | PathLike[str] = "full",
        *,
        people: People = 1,
        follow: Follow | None = None,
        detector: str | PathLike[str] | None = None,
        smooth: bool = True,
        mask: bool = False,
        smooth_mask: bool | None = None,
        refine: bool = True,
        released: bool = False,
        runtime: str = "auto",
        threads: int | None = None,
        precision: Precision = "auto",
    ) -> None:
        """Load the networks, fetching released ones on their first use.

        Args:
            model: a name ("lite", "full", "heavy", ...), or a .tflite, .task, .onnx, OpenVINO
                .xml or .safetensors file with a landmark network of any skeleton.
            people: how many to follow at most, or "all".
            follow: the one person to give, chosen in the first frame that shows them: "largest" or
                "central" in the frame; (x, y), a point on them in px; (x0, y0, x1, y1), a box, or
                a `Roi` round them, where the first look is without the detector; or an id that an
                earlier run gave. Others are watched, so that nobody is taken for that one, all or
                up to `people` if it is more than 1. Out of sight, the same person is waited for
                until forgotten after a minute; a new id says that who came is likely, not surely,
                the same. None: the surest, and whoever is there after them.
            detector: what finds people: "detector", the released face-first one; "finder", our own,
                which sees bodies; or the file of a person detector of the YOLO, RTMDet, PicoDet or
                NanoDet family (.onnx, .xml). None: for one person the released one, and the finder
                where that sees nobody; for several people the finder.
            smooth: filter points over time.
            mask: make `pose.mask`; costs about a third more time.
            smooth_mask: mix masks over time, as the released solution; None: as `smooth`.
            refine: move points to their heatmap's maximum, as the released solution does; no
                effect on a network without heatmaps.
            released: follow one person and filter points as the released solution does: one look
                in a frame, newcomers from a score of 0.5, and its filter, which trembles and lags
                more. Where no face is seen the finder is still asked.
            runtime: "auto", or one of "openvino", "litert", "onnx", "torch", of the landmark
                network; the released detector takes it too where it reads its file.
            threads: processor threads for one network; None leaves it to the runtime.
            precision: "float32"; "mixed": bfloat16 with the coordinates in float32, twice as fast
                where the processor has it; "auto": mixed there, else float32.

        Raises:
            ModelError: unknown name, or a file that is no such network, or has no mask.
            DownloadError: a released model that no source gives.
            ValueError: people, follow, runtime, threads or precision out of range.
        """
        most = most_of(people)
        choice = None if follow is None else checked(follow)
        is_crowd = most != 1 or choice is not None
        detects, landmarker = open_networks(
            model,
            detector="finder" if detector is None and is_crowd else detector,
            refine=refine,
            mask=mask,
            runtime=runtime,
            threads=threads,
            precision=precision,
        )
        self._landmarker, self._busy = landmarker, Lock()
        self._followers: Crowd | Chosen | Single
        mixed = smooth if smooth_mask is None else smooth_mask
        smoothing = Smoothing(smooth, mixed, released=released)
        if choice is not None:
            crowd = Crowd(detects, landmarker, most=None if most == 1 else most, smooth=smoothing)
            self._followers = Chosen(crowd, landmarker, choice)
        elif most == 1:
            fallback = None if detector else partial(open_finder, threads=threads)
            self._followers = Single(
                detects, landmarker, fallback, smooth=smoothing, released=released
            )
        else:
            self._followers = Crowd(detects, landmarker, most=most, smooth=smoothing)
        self._landmarker.prepare(begin=self._followers.frames_ahead > 0)
        self.reset()

    @property
    def skeleton(self) -> Skeleton:
        """Names and edges of the points that its poses have."""
        return self._landmarker.skeleton

    def reset(self, *, ids: bool = False) -> None:
        """Forget everybody: a new clip begins.

        Args:
            ids: begin with id 1 again; else ids go on, so that they stay unique.
        """
        self._followers.reset(ids=ids)
        self._time_s = -FRAME_INTERVAL_S

    def add(self, roi: Roi) -> None:
        """Follow whoever is in a region of the next frame, for a caller who knows.

        Args:
            roi: where, in px of the frame.

        Raises:
            TypeError, ValueError: it is no region, or one without a size.
        """
        self._followers.add(checked_region(roi))

    def __call__(self, frame: Frame | np.ndarray, *, roi: Roi | None = None) -> list[Pose]:
        """The people in the next frame of the clip; [] when nobody is there.

        Args:
            frame: from `frames`, or an (H, W, 3) uint8 RGB array, whose time is 1/30 s after
                that of the one before.
            roi: where a person is, for a caller who knows; skips the detector.

        Raises:
            TypeError, ValueError: an array that is no (H, W, 3) uint8 image; a time or a region
                that is none.
            RuntimeError: another thread is in a call of this tracker.
            OutsideFrameError: a `SourceError` and `ValueError`; the point or region to follow is
                not in the frame.
        """
        (frame,) = _framed([frame], time_s=self._time_s)
        if roi is not None:
            self.add(roi)
        self._landmarker.prepare(begin=False)
        return self._people(frame, ())

    def track(
        self, frames: Iterable[Frame | np.ndarray], *, live: bool | None = None
    ) -> Generator[tuple[Frame, list[Pose]]]:
        """Each frame of a clip and the people in it; faster than calls while one is followed.

        The next two frames are looked at before their turn, where the person is likely to be by
        then, so poses differ from those of calls by less than the network's own tremble.

        Args:
            frames: as for calls, one after the other. An array may be written into anew for the
                next; the image of a `Frame` may not, as it waits for its turn.
            live: they come as they are made, and none is waited for before one is given; None: if
                they are those of a camera or stream that `blazepose.frames` opened.

        Raises:
            Exception: as for calls, and whatever `frames` raises, where its frame would have come.

        Example:
            >>> for frame, poses in Tracker("full").track(frames("squat.mp4")):
            ...     print(frame.time_s, len(poses))
        """
        if live is None:
            live = getattr(frames, "is_live", False)  # asked so, it need not be imported
        ahead = 0 if live else self._followers.frames_ahead
        self._landmarker.prepare(begin=ahead > 0)
        framed = _framed(frames, time_s=self._time_s, kept=ahead > 0)
        for frame, coming in _with_coming(framed, most=ahead):
            yield frame, self._people(frame, coming)

    def _people(self, frame: Frame, coming: Sequence[Frame]) -> list[Pose]:
        if not self._busy.acquire(blocking=False):
            raise RuntimeError(
                "this tracker is in another thread's call: a tracker follows one clip, frame by "
                "frame, so make one for each"
            )
        try:
            if frame.time_s < self._time_s:
                self._followers.forget_motion()
            self._time_s = frame.time_s
            return self._followers(frame, coming)
        finally:
            self._busy.release()


def _framed(
    frames: Iterable[Frame | np.ndarray], *, time_s: float, kept: bool = False
) -> Generator[Frame]:
    """Frames that are checked; pictures get a number, and a time after `time_s`.

    Args:
        frames: from the caller.
        time_s: of the one before.
        kept: they wait for their turn, while the caller may write into an array anew.
    """
    own = _OwnCopies() if kept else lambda image: image
    for index, frame in enumerate(frames):
        if isinstance(frame, Frame):
            framed = frame if frame.planes else replace(frame, image=as_rgb(frame.image))
            _check_time(framed.time_s)
        else:
            framed = Frame(own(as_rgb(frame)), time_s + FRAME_INTERVAL_S, index)
        time_s = framed.time_s
        yield framed


class _OwnCopies:
    """Copies arrays until it is seen that each has memory of its own; a copy costs a tenth."""

    def __init__(self) -> None:
        self._first: list[np.ndarray] = []  # held, so that no other gets their memory
        self._copies, self._watches = True, True

    def __call__(self, image: np.ndarray) -> np.ndarray:
        if self._watches:
            is_used_again = any(np.may_share_memory(image, other) for other in self._first)
            self._first.append(image)
            if is_used_again or len(self._first) > _BUFFERS:
                self._copies, self._watches = is_used_again, False
                self._first.clear()
        return image.copy() if self._copies else image


def _check_time(time_s: float) -> None:
    if not (isinstance(time_s, Real) and math.isfinite(time_s)):
        raise ValueError(
            f"expected a frame's time in seconds, got {time_s}: give the array alone where it is "
            "not known"
        )


def _with_coming(
    frames: Iterable[Frame], *, most: int
) -> Generator[tuple[Frame, tuple[Frame, ...]]]:
    """Each frame, and up to so many after it, which are taken before their turn."""
    waiting = deque[Frame]()
    failed: Exception | None = None
    try:
        for frame in frames:
            waiting.append(frame)
            if len(waiting) > most:
                yield waiting.popleft(), tuple(waiting)
    except Exception as error:  # noqa: BLE001 - raised when those before have had their turn
        failed = error
    while waiting:
        yield waiting.popleft(), tuple(waiting)
    if failed:
        try:
            raise failed
        finally:
            del failed  # else it and the tracker hold each other
