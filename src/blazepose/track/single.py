"""One person through the frames of a clip, whoever is there.

Follows as the released solution does: the landmarks of a frame give the next frame's region, and
the detector looks only when nobody is followed. It is left where that solution loses its person or
takes something else for one: a region that was off, as after a cut, a fall or a hand-held turn, is
looked at again where the landmarks point to, in the same frame; who is new has to be surer than who
is followed; and where the face-first detector sees nobody, another one is asked now and then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache

from blazepose.pose import Detection, Frame, Pixels, Pose, Roi
from blazepose.roi import apart, from_detection, tiles, whole_image
from blazepose.track import lookahead
from blazepose.track.box_detector import AnyDetector
from blazepose.track.landmarker import Landmarker, Landmarks
from blazepose.track.person import MIN_SCORE, Person, Smoothing
from blazepose.track.second_look import NEW, is_seen_again

MAX_TRIES = 3  # detections looked at in one frame
_ASK_EVERY_S = 0.1  # of the fallback, where nobody is seen: it takes as long as two frames
_MIN_DETECTION = 0.3  # of the fallback; the landmark network has its say besides
_OTHER_WAYS_UP = (-math.pi / 2, math.pi / 2, math.pi)

# A region that the landmarks would move by more was off: parts of its side, of its size and rad.
# Regions that are right move by 0.015, 0.065 and 0.05 at most in nine of ten photos of these.
_SHIFT, _GROWTH, _TURN = 0.05, 1.1, 0.1
_MORE_LOOKS = 2  # at one person in one frame, while their region is off


class Single:
    """Follows one person.

    Attributes:
        frames_ahead: how many of the frames to come it makes use of.
    """

    def __init__(
        self,
        detector: AnyDetector,
        landmarker: Landmarker,
        fallback: Callable[[], AnyDetector] | None,
        *,
        smooth: Smoothing,
        released: bool = False,
    ) -> None:
        """Follow nobody yet.

        Args:
            detector: asked for people in every frame while nobody is followed.
            landmarker: gives their poses.
            fallback: opens another detector, when the first one sees nobody for the first time.
            smooth: what is filtered over time.
            released: look once at somebody in a frame, and welcome them, as the released solution.
        """
        self._looks = 0 if released else _MORE_LOOKS
        self._least = MIN_SCORE if released else NEW
        self._detector, self._landmarker, self._smooth = detector, landmarker, smooth
        self._fallback = cache(fallback) if fallback else None
        self._look_ahead = lookahead.LookAhead(landmarker)
        self.frames_ahead = 0 if released or not landmarker.begins else lookahead.FRAMES
        self._last_id = 0
        self.reset()

    def reset(self, *, ids: bool = False) -> None:
        """Forget who is followed; ids go on, so they stay unique, unless these begin anew too."""
        if ids:
            self._last_id = 0
        self._person: Person | None = None
        self._look_ahead.forget()
        # When the fallback was asked last, and how often since somebody was there.
        self._asked_s, self._asked = -math.inf, 0

    def forget_motion(self) -> None:
        """Time jumped back: what was measured by time begins anew."""
        if self._person:
            self._person.forget_motion()

    def add(self, roi: Roi) -> None:
        """Follow whoever is in a region from the next frame on."""
        self._person = Person(self._last_id + 1, roi, smooth=self._smooth)
        self._look_ahead.forget()

    def __call__(self, frame: Frame, coming: Sequence[Frame] = ()) -> list[Pose]:
        """The person in the next frame, or [].

        Args:
            frame: the next one.
            coming: those after it, where they are known: looked at while there is time.
        """
        pose = self._follow(frame, coming) or self._find(frame)
        return [pose] if pose else []

    def _follow(self, frame: Frame, coming: Sequence[Frame]) -> Pose | None:
        """The person of the frame before, or nobody."""
        if self._person is None:
            return None
        landmarks = self._look_ahead(frame, self._person.roi, coming)
        if landmarks.pose.score <= MIN_SCORE:
            self._person = None
            self._look_ahead.forget()
            return None
        if self._looks and self._person.pose is not None and _is_off(landmarks):
            landmarks = self._settled(frame.pixels, landmarks)
            self._person.forget_motion()  # it was no motion, or too fast to be filtered
        self._last_id = self._person.id
        return self._person.update(landmarks, frame.time_s)

    def _find(self, frame: Frame) -> Pose | None:
        """Somebody new."""
        height, width = frame.pixels.shape[:2]
        found = self._detector(frame.pixels, whole_image(width, height), threshold=MIN_SCORE)
        pose = self._confirmed(frame, found)
        gap_s = frame.time_s - self._asked_s
        if pose or self._fallback is None or 0 <= gap_s < _ASK_EVERY_S - 1e-6:
            return pose
        part = _part(width, height, self._asked)
        self._asked_s, self._asked = frame.time_s, self._asked + 1
        found = self._fallback()(frame.pixels, part, threshold=_MIN_DETECTION)
        return self._confirmed(frame, found, doubtful=True)

    def _confirmed(
        self, frame: Frame, found: Sequence[Detection], *, doubtful: bool = False
    ) -> Pose | None:
        """The best of a detector's people whom the landmark network sees too.

        Who is doubtful, as no face was seen, it has to see in a mirror and turned as well; which
        way the likeliest of them is up is not sure either.
        """
        regions = [from_detection(detection) for detection in found[:MAX_TRIES]]
        if doubtful and regions:
            regions += [_turned(regions[0], turn_rad) for turn_rad in _OTHER_WAYS_UP]
        for roi in regions:
            landmarks = self._landmarker(frame.pixels, roi)
            if landmarks.pose.score > MIN_SCORE:
                landmarks = self._settled(frame.pixels, landmarks)
            if landmarks.pose.score <= (NEW if doubtful else self._least):
                continue
            if not doubtful or is_seen_again(self._landmarker, frame.pixels, landmarks.pose):
                return self._welcome(landmarks, frame.time_s)
        return None

    def _welcome(self, landmarks: Landmarks, time_s: float) -> Pose:
        """Follow somebody new from this frame on."""
        self._last_id += 1
        self._asked = 0
        self._person = Person(self._last_id, landmarks.pose.roi, smooth=self._smooth)
        return self._person.update(landmarks, time_s)

    def _settled(self, image: Pixels, landmarks: Landmarks) -> Landmarks:
        """The landmarks, or those in the region that they lead to while theirs is off."""
        for _ in range(self._looks):
            if not _is_off(landmarks):
                break
            again = self._landmarker(image, landmarks.next_roi)
            if again.pose.score <= MIN_SCORE:
                break
            landmarks = again
        return landmarks


def _is_off(landmarks: Landmarks) -> bool:
    """Whether the region that was looked at is not where the person is."""
    shift, growth, turn_rad = apart(landmarks.pose.roi, landmarks.next_roi)
    return shift > _SHIFT or growth > _GROWTH or turn_rad > _TURN


def _turned(roi: Roi, turn_rad: float) -> Roi:
    return Roi(roi.center_xy, roi.size, roi.angle_rad + turn_rad)


def _part(width: int, height: int, number: int) -> Roi:
    """Where to look: the whole frame, in between one of its parts, for small people."""
    if number % 2 == 0:
        return whole_image(width, height)
    parts = tiles(width, height, count=2)
    return parts[number // 2 % len(parts)]
