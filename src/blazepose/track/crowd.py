"""Several people in a clip, each with an id that stays.

Everybody who is followed is looked at in every frame, in the region that their last pose gives.
The detector looks for others now and then, each time at another part of the frame. Two regions
that show one person are one too many: the one whose person should be elsewhere has slipped.
Whoever is out of sight is remembered by place, motion and clothes, and gets their id back when
somebody turns up who fits. Where people were in each other's way, their clothes tell afterwards
who is who.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, islice

import numpy as np

from blazepose.pose import Frame, Pose, Roi
from blazepose.roi import from_detection, tiles, whole_image
from blazepose.track import lookahead
from blazepose.track.box_detector import AnyDetector
from blazepose.track.identity import Followed, likest, look, recognize, returned
from blazepose.track.landmarker import Landmarker, Landmarks
from blazepose.track.matching import likeness, overlaps
from blazepose.track.person import MIN_SCORE, Person, Smoothing
from blazepose.track.second_look import NEW, are_bodies, is_seen_in_mirror

_CYCLE_S = 0.5  # in which every part of the frame is looked at once
_TILES = (2,)  # along the longer side, besides the whole frame: for small people
_MIN_DETECTION = 0.3  # the landmark network has its say besides
_ONE = 0.45  # OKS of two poses that are one person's
_KNOWN = 0.15  # OKS with somebody followed: no newcomer
_REMEMBERED_S = 60.0
_NEAR, _LATELY_S = 0.1, 0.5  # overlap with the box of somebody who is here, or was so lately
_MIN_VISIBILITY = 0.25  # mean over the points: less is no person


class Crowd:
    """Follows up to a number of people through the frames of a clip.

    Attributes:
        frames_ahead: how many of the frames to come it makes use of.
    """

    def __init__(
        self,
        detector: AnyDetector,
        landmarker: Landmarker,
        *,
        most: int | None,
        smooth: Smoothing,
    ) -> None:
        """Follow at most `most` people; None: everybody."""
        self._detector, self._landmarker = detector, landmarker
        self._most, self._smooth = most, smooth
        self._look_ahead = lookahead.LookAhead(landmarker)
        self.frames_ahead = 0 if smooth.released or not landmarker.begins else lookahead.FRAMES
        self._last_id = 0
        self.reset()

    def reset(self, *, ids: bool = False) -> None:
        """Forget everybody; ids go on, so they stay unique, unless these begin anew too."""
        if ids:
            self._last_id = 0
        self._here: list[Followed] = []
        self._gone: list[Followed] = []
        self._same: dict[int, int] = {}  # who was added and was followed already, in this frame
        self._alone: Followed | None = None  # who was the only one in the frame before
        self._due_s, self._looks = -np.inf, 0  # next look of the detector, looks so far

    def forget_motion(self) -> None:
        """Time jumped back: what was measured by time begins anew, who was lost is forgotten."""
        for followed in self._here:
            followed.person.forget_motion()
            followed.person.seen_s = followed.looked_s = followed.since_s = -np.inf
        self._gone = []
        self._due_s = -np.inf

    def __call__(
        self, frame: Frame, coming: Sequence[Frame] = (), *, thorough: bool = False
    ) -> list[Pose]:
        """Everybody in a frame, the longest followed first.

        Args:
            frame: the next one.
            coming: those after it, where they are known: looked at while there is time.
            thorough: look for newcomers in every part of the frame at once.
        """
        time_s = frame.time_s
        self._same.clear()
        seen = self._follow(frame, coming)
        if thorough:
            for part in _parts(frame):
                seen += self._find(frame, part)
        elif self._is_due(time_s):
            seen += self._find(frame, self._next_part(frame))
        look(self._here, self._gone, frame)
        recognize(self._here, self._gone, time_s)
        self._gone = [g for g in self._gone if time_s - g.person.seen_s < _REMEMBERED_S]
        poses = [replace(pose, id=followed.person.id) for followed, pose in seen]
        return sorted(poses, key=lambda pose: pose.id)

    def add(self, roi: Roi) -> int:
        """Follow whoever is in a region from the next frame on; their id, for `id_of`."""
        self._here.append(Followed(self._newcomer(roi)))
        return self._last_id

    def id_of(self, id: int) -> int:
        """After a frame, the id of somebody added before it, who may have been followed already."""
        return self._same.get(id, id)

    def knows(self, id: int) -> bool:
        """Whether somebody is in sight or remembered."""
        return any(followed.person.id == id for followed in self._here + self._gone)

    def likest(self, id: int, among: Collection[int]) -> int | None:
        """Who of some in sight may by their clothes be somebody who is lost; None: nobody."""
        lost = next((g for g in self._gone if g.person.id == id), None)
        if lost is None:
            return None
        best = likest(lost, [f for f in self._here if f.person.id in among])
        return None if best is None else best.person.id

    def _newcomer(self, roi: Roi) -> Person:
        self._last_id += 1
        return Person(self._last_id, roi, smooth=self._smooth)

    def _is_due(self, time_s: float) -> bool:
        if self._most is not None and len(self._here) >= self._most:
            return False
        return time_s >= self._due_s - 1e-6

    def _follow(self, frame: Frame, coming: Sequence[Frame]) -> list[tuple[Followed, Pose]]:
        """Those of the frame before who are still there."""
        seen = self._seen(frame, coming)
        there = [landmarks.pose.score > MIN_SCORE for landmarks in seen]
        slipped = self._slipped(seen, there, frame.time_s)
        stay = []
        for i, (followed, landmarks) in enumerate(zip(self._here, seen, strict=True)):
            if not there[i] or i in slipped:
                if followed.person.pose is not None:
                    followed.trust()
                    self._gone.append(followed)
                continue
            stay.append((followed, followed.person.update(landmarks, frame.time_s)))
        self._here = [followed for followed, _ in stay]
        return self._shown(frame, stay)

    def _shown(
        self, frame: Frame, stay: list[tuple[Followed, Pose]]
    ) -> list[tuple[Followed, Pose]]:
        """Those whose pose is a body's: where somebody else is, or was lost just now, look twice.

        Who lies between two bodies for a moment is followed on.
        """
        lost = [g.person.pose for g in self._gone if frame.time_s - g.person.seen_s < _LATELY_S]
        if len(stay) + len(lost) < 2:
            return stay
        here = [followed.person.pose for followed, _ in stay]
        overlap = overlaps([*here, *lost])[: len(here)].max(axis=1, initial=0)
        doubtful = [pose for pose, most in zip(here, overlap, strict=True) if pose and most > _NEAR]
        sure = are_bodies(self._landmarker, frame.pixels, doubtful)
        between = {pose.id for pose, is_body in zip(doubtful, sure, strict=True) if not is_body}
        return [(followed, pose) for followed, pose in stay if pose.id not in between]

    def _seen(self, frame: Frame, coming: Sequence[Frame]) -> list[Landmarks]:
        """The landmarks of those of the frame before."""
        alone = self._here[0] if len(self._here) == 1 else None
        if alone is not self._alone:
            self._look_ahead.forget()
            self._alone = alone
        if alone:
            return [self._look_ahead(frame, alone.person.roi, coming)]
        return self._landmarker.each(frame.pixels, [f.person.roi for f in self._here])

    def _slipped(self, seen: Sequence[Landmarks], there: Sequence[bool], time_s: float) -> set[int]:
        """Who looks at somebody else's body: of two with one pose, the one who fits it less."""
        rows = [i for i, is_there in enumerate(there) if is_there]
        now = [seen[i].pose.points[:, :2] for i in rows]
        same = likeness(now, now, self._landmarker.skeleton) > _ONE
        slipped: set[int] = set()
        for a, b in zip(*np.nonzero(np.tril(same, -1)), strict=True):
            pair = rows[a], rows[b]
            if slipped.intersection(pair):
                continue
            worse, better = sorted(pair, key=lambda i: self._fit(i, seen[i], time_s))
            slipped.add(worse)
            lost, kept = self._here[worse].person, self._here[better].person
            if lost.pose is None:
                self._same[lost.id] = kept.id
        return slipped

    def _fit(self, i: int, landmarks: Landmarks, time_s: float) -> tuple[float, int]:
        """How well a pose continues somebody's motion; who was there first wins ties."""
        person = self._here[i].person
        if person.pose is None:
            return -1.0, -person.id
        expected = [person.expected(time_s)]
        fit = likeness(expected, [landmarks.pose.points[:, :2]], self._landmarker.skeleton)
        return round(float(fit[0, 0]), 2), -person.id

    def _find(self, frame: Frame, part: Roi) -> list[tuple[Followed, Pose]]:
        """People in a part of the frame whom nobody follows yet: those lost, and new ones."""
        detections = self._detector(frame.pixels, part, threshold=_MIN_DETECTION)
        regions = [r for r in map(from_detection, detections) if not self._is_followed(r)]
        found = self._confirmed(frame, regions)
        someone_missed = bool(self._gone) or any(f.doubts is not None for f in self._here)
        again = returned(found, self._gone, frame)
        poses = []
        room = len(found) if self._most is None else max(self._most - len(self._here), 0)
        new = (
            i
            for i, landmarks in enumerate(found)
            if i not in again and is_seen_in_mirror(self._landmarker, frame.pixels, landmarks.pose)
        )
        for i in islice(chain(again, new), room):
            followed = again.get(i) or Followed(self._newcomer(found[i].pose.roi))
            followed.person.forget_motion()
            followed.doubts = [] if someone_missed else None
            followed.since_s = frame.time_s
            poses.append((followed, followed.person.update(found[i], frame.time_s)))
            self._here.append(followed)
        self._gone = [lost for lost in self._gone if lost not in self._here]
        return poses

    def _next_part(self, frame: Frame) -> Roi:
        """Where the detector looks next: one part after the other, and again."""
        parts = _parts(frame)
        every_s = _CYCLE_S / len(parts)
        # On the beat, so that frames that come late do not stretch the cycle.
        self._due_s = max(self._due_s, frame.time_s - every_s) + every_s
        self._looks += 1
        return parts[(self._looks - 1) % len(parts)]

    def _is_followed(self, roi: Roi) -> bool:
        """Somebody's trunk is where this region's is."""
        return any(
            np.hypot(*np.subtract(roi.center_xy, f.person.roi.center_xy))
            < 0.08 * min(roi.size, f.person.roi.size)
            for f in self._here
        )

    def _confirmed(self, frame: Frame, regions: Sequence[Roi]) -> list[Landmarks]:
        """Those whom the landmark network sees too, each once and nobody who is followed."""
        kept: list[Landmarks] = []
        known = [f.person.pose.points[:, :2] for f in self._here if f.person.pose]
        first = self._landmarker.each(frame.pixels, regions)
        second = self._landmarker.each(
            frame.pixels, [f.next_roi for f in first if f.pose.score > MIN_SCORE]
        )
        for landmarks in sorted(second, key=lambda s: -s.pose.score):
            pose = landmarks.pose
            if pose.score <= NEW or pose.visibility.mean() < _MIN_VISIBILITY:
                continue
            likest = likeness([pose.points[:, :2]], known, self._landmarker.skeleton)
            if likest.max(initial=0) < _KNOWN:
                kept.append(landmarks)
                known.append(pose.points[:, :2])
        return kept


def _parts(frame: Frame) -> list[Roi]:
    """Where the detector looks for people: the whole frame and tiles of it."""
    height, width = frame.pixels.shape[:2]
    smaller = [roi for count in _TILES for roi in tiles(width, height, count=count)]
    return [whole_image(width, height), *smaller]
