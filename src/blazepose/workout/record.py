"""From a clip, or the poses of one, to a workout: followed once, counted, judged and written down.

Frames pass once: tracker, coach, drawing, files. Nothing is written before there is a first frame,
and a file that is not complete is called NAME.part. Knows nothing of terminals.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np

from blazepose.annotate import Job, header_of, video_of
from blazepose.aside import made_folder
from blazepose.coach import (
    AUTO,
    MOVES,
    Analysis,
    Counter,
    Hold,
    Repetition,
    State,
    analyze,
    find_move,
)
from blazepose.draw import draw_poses
from blazepose.errors import SourceError
from blazepose.pose import Frame, Pose
from blazepose.posefile import PoseFileHeader, open_pose_files, read_poses
from blazepose.shapes import UInt8
from blazepose.track import Estimator, Tracker
from blazepose.video import FrameSource, frames
from blazepose.workout.follow import Follower
from blazepose.workout.overlay import draw_angle, draw_state
from blazepose.workout.seek import Seeker

_MOST_PEOPLE = 4  # more cost time, and who trains is hardly the fifth to be found
_REMARK_S = 3.0  # a remark stays on the picture

# Called after each frame with the number of frames done and expected, None if unknown; True ends
# the clip there, and what was done is kept.
Watcher: TypeAlias = Callable[[int, int | None], bool]
_Clip: TypeAlias = list[tuple[float, Pose | None]]


@dataclass(frozen=True)
class Request:
    """What to coach, and how people are found; `model` to `threads` are as for `Tracker`.

    Attributes:
        exercise: as for `coach.Counter`.
        person: id of whom to coach; None: the largest.
    """

    exercise: str = AUTO
    person: int | None = None
    model: str = "full"
    detector: str | None = None
    runtime: str = "auto"
    threads: int | None = None


@dataclass(frozen=True, eq=False)
class Workout:
    """What came of a clip.

    Attributes:
        name: of the source, for people.
        source: the clip as a file, to take pictures from; None where there is none.
        size_wh: px of its frames.
        people: ids of the person coached, the first ones first; lost and found, somebody can have
            several. Empty if nobody was there.
        poses: of the person coached, by frame.
        analysis: with what is to be said of the source among the notices.
        outputs: files written.
        problem: one line on what was cut or damaged; None if nothing.
    """

    name: str
    source: Path | None
    size_wh: tuple[int, int]
    people: tuple[int, ...]
    poses: list[Pose | None]
    analysis: Analysis
    outputs: list[Path] = field(default_factory=list)
    problem: str | None = None


class Recorder:
    """Coaches clip after clip. Networks are loaded for the first one and kept."""

    def __init__(self, request: Request) -> None:
        """Take a request.

        Raises:
            ValueError: no exercise is called so.
        """
        if request.exercise != AUTO:
            find_move(request.exercise)
        self._request = request

    def __call__(self, job: Job, watch: Watcher | None = None) -> Workout:
        """Follow a clip into the job's folder: poses.jsonl and the annotated video.

        Args:
            job: a clip, camera or stream, from `annotate.plan`.
            watch: see `Watcher`.

        Raises:
            SourceError: photos, nothing that can be read, or nobody with the id asked for; one
                that is cut is told in the workout.
            OutputError: the results cannot be written.
            ModelError, DownloadError, MissingExtraError, ValueError: as for `Tracker`.
        """
        if job.album:
            raise SourceError(f"expected a clip, got {job.name}: a photo holds no repetitions")
        follower, taken, stopped = Follower(self._request.person), _Clip(), False
        with frames(job.source) as clip:
            clip.makes_images = True
            found = self._seeker.track(clip)
            first = next(found, None)
            if first is None:
                raise SourceError(clip.problem or f"{job.name} holds no pictures: is it complete?")
            with self._writing(job, clip) as (outputs, write):
                for frame, people in itertools.chain([first], found):
                    pose = follower(people, frame.time_s)
                    taken.append((frame.time_s, pose))
                    write(frame, people, pose)
                    if watch and watch(len(taken), clip.info.frame_count):
                        stopped = True
                        break
            info, problem = clip.info, clip.problem
        if stopped:
            problem = _stopped(len(taken))
        (media,) = job.media.values()
        workout = _workout(job.name, taken, follower, self._request, (info.width, info.height))
        source = job.source if isinstance(job.source, Path) else media
        return replace(workout, source=source, outputs=outputs, problem=problem)

    @cached_property
    def _seeker(self) -> Seeker:
        given = self._request
        tracker = Tracker(
            given.model,
            people=_MOST_PEOPLE,
            detector=given.detector,
            runtime=given.runtime,
            threads=given.threads,
        )
        return Seeker(
            tracker,
            lambda: Estimator(given.model, runtime=given.runtime, threads=given.threads),
        )

    @contextmanager
    def _writing(
        self, job: Job, clip: FrameSource
    ) -> Iterator[tuple[list[Path], Callable[[Frame, list[Pose], Pose | None], None]]]:
        """Files that take a frame at a time, and what does; complete also after Ctrl-C."""
        made_folder(job.folder)
        header = header_of(job, self._request.model, clip.info, self._seeker.skeleton)
        painter = _Painter(self._request.exercise)
        with (
            open_pose_files(job.folder / "poses", header) as lines,
            video_of(job, clip.info) as video,
        ):

            def write(frame: Frame, people: list[Pose], pose: Pose | None) -> None:
                video.write(painter(frame, pose), frame.time_s)
                lines.write(frame, people)

            yield [*lines.paths, *job.media.values()], write


def replay(path: Path, request: Request, watch: Watcher | None = None) -> Workout:
    """The workout of a poses.jsonl file that `track` or `coach` wrote.

    Pictures for its report come from the clip, if that or the annotated one is in the same folder.

    Args:
        path: of the file.
        request: only exercise and person matter.
        watch: see `Watcher`.

    Raises:
        SourceError: it is no poses file, is damaged, is of photos, or has nobody with that id.
        ValueError: no exercise is called so.
    """
    header, lines = read_poses(path)
    if header.width is None or header.height is None:
        raise SourceError(f"{path} holds poses of photos: expected those of a clip")
    follower, taken, problem = Follower(request.person), _Clip(), None
    for line in lines:
        taken.append((line.time_s, follower(line.people, line.time_s)))
        if watch and watch(len(taken), None):
            problem = _stopped(len(taken))
            break
    size_wh = header.width, header.height
    workout = _workout(header.source, taken, follower, request, size_wh)
    return replace(workout, source=_clip_beside(path, header), problem=problem)


def _clip_beside(path: Path, header: PoseFileHeader) -> Path | None:
    """The clip that the poses of a file are of, where it or its annotated copy lies beside it."""
    name = Path(header.source).name
    beside = (path.with_name(name), path.with_name(f"{Path(name).stem}.mp4"))
    return next((clip for clip in beside if name and clip.is_file()), None)


def _stopped(frames: int) -> str:
    return f"stopped after {frames} frames, which are kept"


class _Painter:
    """Draws whom the coach looks at and what it says, counting while frames come."""

    def __init__(self, exercise: str) -> None:
        self._counter = Counter(exercise)
        self._remark, self._remarked_s = "", 0.0

    def __call__(self, frame: Frame, pose: Pose | None) -> UInt8[np.ndarray, "H W 3"]:
        state = self._counter(pose, frame.time_s)
        picture = draw_poses(frame.image, [pose] if pose else [])
        move = MOVES.get(state.exercise)
        if pose and move and move.signals:
            draw_angle(picture, pose, move.signals[0].measure)
        draw_state(picture, state, remark=self._said(state, frame.time_s))
        return picture

    def _said(self, state: State, time_s: float) -> str:
        """The remark to show: the last one, for a while."""
        ended: list[Repetition | Hold] = [*state.announced, *state.held]
        if ended:
            remarks = ended[-1].remarks
            self._remark, self._remarked_s = remarks[0].text if remarks else "", time_s
        return self._remark if 0 <= time_s - self._remarked_s < _REMARK_S else ""


def _workout(
    name: str, taken: _Clip, follower: Follower, request: Request, size_wh: tuple[int, int]
) -> Workout:
    """Count and judge; what is to be said of the people in the clip comes first."""
    if request.person is not None and not follower.followed:
        ids = ", ".join(map(str, follower.seen)) or "nobody"
        raise SourceError(f"{name}: expected somebody with id {request.person}, found: {ids}")
    analysis = analyze(taken, request.exercise)
    notices = (*_whom(follower, request.person), *analysis.notices)
    return Workout(
        name=name,
        source=None,
        size_wh=size_wh,
        people=tuple(follower.followed),
        poses=[pose for _, pose in taken],
        analysis=replace(analysis, notices=notices),
    )


def _whom(follower: Follower, person: int | None) -> Iterator[str]:
    """A line where there was a choice, and one where it may not have been one person."""
    ids, others = (", ".join(map(str, ids)) for ids in (follower.followed, follower.others))
    if ids and others:
        ((whom, _),) = follower.followed.most_common(1)
        why = "" if person is not None else ", the largest"
        yield f"several people are in the clip: this is person {whom}{why}; others: {others} (--id)"
    if len(follower.followed) > 1:
        yield f"the person was lost and found as {ids}: check that it is one (--id)"
