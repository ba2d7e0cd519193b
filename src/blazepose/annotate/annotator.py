"""The one place where frames, tracker, drawing and writers meet.

Frames pass through once, so memory stays constant whatever the length of a clip. Nothing is
written before there is a first frame, and a file that is not complete is called NAME.part. Knows
nothing of terminals and windows: they watch.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np

from blazepose.annotate.background import Background
from blazepose.annotate.jobs import FIGURE, Job, readable
from blazepose.aside import made_folder
from blazepose.draw import draw_poses
from blazepose.errors import SourceError
from blazepose.plot import can_plot, has_depth, save_3d
from blazepose.pose import Frame, Pose
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.shapes import UInt8
from blazepose.skeleton import Skeleton
from blazepose.track import (
    Estimator,
    Follow,
    OutsideFrameError,
    People,
    Tracker,
    check_inside,
    choose,
)
from blazepose.video import FrameSource, MediaInfo, VideoWriter, frames, write_image

Picture: TypeAlias = UInt8[np.ndarray, "H W 3"]

_Finder: TypeAlias = Callable[[Iterable[Frame]], Iterator[tuple[Frame, list[Pose]]]]
_Loaded = TypeVar("_Loaded", Estimator, Tracker)

_PAST = 0.9  # share of the frames before in the present pace


@dataclass(frozen=True)
class Options:
    """How people are found, and what is written. `model` to `threads` are as for `Tracker`.

    Attributes:
        follow: in photos it chooses among everybody in each.
        mask: tint people.
        background: what is put behind the people found; None leaves it as it is.
        formats: poses files to write, of `posefile.FORMATS`.
        media: write annotated pictures or a video besides.
        fps_on_picture: write the speed of tracking on each picture.
    """

    model: str = "full"
    people: People = 1
    follow: Follow | None = None
    detector: str | None = None
    smooth: bool = True
    mask: bool = False
    background: Background | None = None
    refine: bool = True
    runtime: str = "auto"
    threads: int | None = None
    formats: Sequence[str] = ("jsonl",)
    media: bool = True
    fps_on_picture: bool = False


@dataclass
class Summary:
    """What came of a job; grows while the job runs.

    Attributes:
        name: of the job.
        info: what the source promises.
        outputs: files written.
        frames: seen so far.
        frames_with_person: of these.
        seconds: wall time so far, decoding and writing included, loading of networks not.
        search_seconds: the part of it in which people were looked for.
        pace_s: seconds to find the people in a frame, a moving mean.
        clearest: the pose that was seen best, for the 3-D figure; without depth there is none.
        clearest_in: what of the source shows it, in words.
        problem: one line on what was cut, could not be read or was not found; None if nothing.
        stopped: the watcher ended it early.
    """

    name: str
    info: MediaInfo
    outputs: list[Path] = field(default_factory=list)
    frames: int = 0
    frames_with_person: int = 0
    seconds: float = 0.0
    search_seconds: float = 0.0
    pace_s: float = 0.0
    clearest: Pose | None = None
    clearest_in: str = ""
    problem: str | None = None
    stopped: bool = False

    def count(self, frame: Frame, poses: list[Pose], seconds: float) -> None:
        """Take in a frame whose people were found in so many seconds."""
        self.pace_s = _PAST * self.pace_s + (1 - _PAST) * seconds if self.frames else seconds
        self.frames += 1
        self.frames_with_person += bool(poses)
        self.search_seconds += seconds
        best = max([self.clearest, *poses], key=_clarity)
        if best is not None and best is not self.clearest:
            photo = self.info.kind == "image"
            place = (
                readable(Path(frame.source).name) if photo else f"{self.name}, {frame.time_s:.1f} s"
            )
            whom = "" if photo or len(poses) == 1 else f", id {best.id}"
            self.clearest_in = place + whom
            self.clearest = best


# Called after each frame with the summary so far, the frame, its poses and the annotated picture
# (None without `Options.media`);
# True ends the job there, and what was done is kept.
Watcher: TypeAlias = Callable[[Summary, Frame, list[Pose], Picture | None], bool]


class Annotator:
    """Runs jobs. Networks are loaded when the first of them needs one, and kept for the next."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._outside: list[str] = []  # photos of the job that whom to follow lies outside of

    def __call__(self, job: Job, watch: Watcher | None = None) -> Summary:
        """Find people in each frame, draw them, and write everything into the job's folder.

        Args:
            job: from `plan`.
            watch: see `Watcher`.

        Raises:
            SourceError: nothing of the source can be read; one that is cut is told in the summary.
            OutputError: the results cannot be written.
            ModelError, DownloadError, MissingExtraError, ValueError: as for `Tracker`.
            OutsideFrameError: a `SourceError`; whom to follow is not in the frame of a clip.
        """
        self._outside = []
        with _opened(job) as clip:
            clip.makes_images = self._options.media
            summary = Summary(job.name, clip.info)
            self._run(job, clip, summary, watch)
            problems = [*([clip.problem] if clip.problem else []), *self._outside]
            summary.problem = "; ".join(problems) or None
        if summary.stopped:
            what = "photos" if job.album else "frames"
            summary.problem = f"stopped after {summary.frames} {what}, which are kept"
        elif self._options.follow is not None and not (summary.frames_with_person or job.album):
            summary.problem = (
                f"nobody to follow by {self._options.follow!r} was found: --people all shows who "
                "is there, each with an id"
            )
        add_figure(job, summary)
        return summary

    def _run(self, job: Job, clip: FrameSource, summary: Summary, watch: Watcher | None) -> None:
        finder, skeleton = self._finder(job, clip)
        began = time.perf_counter()
        found = _found(clip, finder)
        first = next(found, None)  # nothing is written for a source that has none
        if first is None:
            raise SourceError(clip.problem or f"{job.name} holds no pictures: is it complete?")
        with self._writing(job, summary, skeleton) as write:
            for frame, poses, seconds in itertools.chain([first], found):
                summary.count(frame, poses, seconds)
                picture = self._drawn(frame, poses, summary) if self._options.media else None
                write(frame, poses, picture)
                summary.seconds = time.perf_counter() - began
                if watch and watch(summary, frame, poses, picture):
                    summary.stopped = True
                    return

    def _drawn(self, frame: Frame, poses: list[Pose], summary: Summary) -> Picture:
        fps = 1 / summary.pace_s if self._options.fps_on_picture else None
        in_clip = summary.info.kind != "image"  # where somebody may be alone for a moment
        ids = True if in_clip and self._options.people != 1 else None
        return draw_poses(*self._shown(frame, poses), fps=fps, ids=ids)

    def _shown(self, frame: Frame, poses: list[Pose]) -> tuple[Picture, list[Pose]]:
        """The picture to draw on, and the poses with a mask where people are to be tinted."""
        background = self._options.background
        if background is None:
            return frame.image, poses
        picture = background.behind(frame.image, [p.mask for p in poses if p.mask is not None])
        return picture, poses if self._options.mask else [replace(p, mask=None) for p in poses]

    def _finder(self, job: Job, clip: FrameSource) -> tuple[_Finder, Skeleton]:
        """What finds the people in frames, and the points that they have."""
        if job.album:
            search = partial(self._search, alone=len(job.media) == 1)
            return search, self._estimator.skeleton
        self._tracker.reset(ids=True)  # a clip's files are the same whatever went before
        return partial(self._tracker.track, live=clip.info.live), self._tracker.skeleton

    def _search(
        self, photos: Iterable[Frame], *, alone: bool
    ) -> Iterator[tuple[Frame, list[Pose]]]:
        for photo in photos:
            yield photo, self._in_photo(photo, alone=alone)

    def _in_photo(self, frame: Frame, *, alone: bool) -> list[Pose]:
        """The people in a photo, or the one to follow; `alone`: there is no other photo."""
        follow = self._options.follow
        if follow is None:
            return self._estimator(frame, people=self._options.people)
        height, width = frame.pixels.shape[:2]
        try:
            check_inside(follow, (width, height))
        except OutsideFrameError as error:
            if alone:
                raise
            self._outside.append(f"{frame.source}: {error}")
            return []
        chosen = choose(follow, self._estimator(frame, people="all"), (width, height))
        return [chosen] if chosen else []

    @cached_property
    def _estimator(self) -> Estimator:
        return _made(Estimator, self._options)()

    @cached_property
    def _tracker(self) -> Tracker:
        return tracker_of(self._options)()

    @contextmanager
    def _writing(
        self, job: Job, summary: Summary, skeleton: Skeleton
    ) -> Iterator[Callable[[Frame, list[Pose], Picture | None], None]]:
        """Files that take a frame at a time; complete at the end, also after Ctrl-C."""
        media = job.media.values() if self._options.media else ()
        for folder in {job.folder, *(path.parent for path in media)}:
            made_folder(folder)
        header = header_of(job, self._options.model, summary.info, skeleton)
        stem = job.folder / "poses"
        with (
            open_pose_files(stem, header, formats=self._options.formats) as lines,
            _media(job, summary) if media else nullcontext(lambda *_: None) as show,
        ):
            summary.outputs[:0] = lines.paths

            def write(frame: Frame, poses: list[Pose], picture: Picture | None) -> None:
                if picture is not None:
                    show(frame, picture)
                if job.album:
                    frame = replace(frame, source=job.called(frame.source))
                lines.write(frame, poses)

            yield write


def _opened(job: Job) -> FrameSource:
    """The frames of a job; of photos that the plan found a broken one does not stop the others."""
    return FrameSource(job.source) if isinstance(job.source, tuple) else frames(job.source)


def tracker_of(options: Options) -> partial[Tracker]:
    """Makes the tracker that the options ask for."""
    made = _made(Tracker, options)
    return partial(made, people=options.people, follow=options.follow, smooth=options.smooth)


def _made(kind: Callable[..., _Loaded], options: Options) -> partial[_Loaded]:
    """What tracker and search have in common; a mask only where it is seen."""
    return partial(
        kind,
        options.model,
        detector=options.detector,
        mask=options.media and (options.mask or options.background is not None),
        refine=options.refine,
        runtime=options.runtime,
        threads=options.threads,
    )


def add_figure(job: Job, summary: Summary) -> None:
    """Draw the 3-D figure of a job, where there is one to draw and something to draw it with."""
    if summary.clearest and has_depth(summary.clearest) and can_plot():
        save_3d(job.folder / FIGURE, summary.clearest, title=summary.clearest_in)
        summary.outputs.append(job.folder / FIGURE)


def header_of(job: Job, model: str, info: MediaInfo, skeleton: Skeleton) -> PoseFileHeader:
    """What a job's poses files say of their source."""
    return PoseFileHeader(
        model=model,
        source=job.name,
        width=None if job.album else info.width,
        height=None if job.album else info.height,
        fps=info.fps,
        skeleton=skeleton,
    )


def video_of(job: Job, info: MediaInfo) -> VideoWriter:
    """What writes a job's annotated video, with the sound of its source."""
    (path,) = job.media.values()
    sound = str(job.source) if info.kind == "video" and info.has_audio else None
    return VideoWriter(path, width=info.width, height=info.height, fps=info.fps, audio_from=sound)


def _found(clip: FrameSource, finder: _Finder) -> Iterator[tuple[Frame, list[Pose], float]]:
    """Each frame, the people in it, and the seconds it took to find them once it was read."""
    waited_s = 0.0

    def read() -> Iterator[Frame]:
        nonlocal waited_s
        running = iter(clip)
        while True:
            began = time.perf_counter()
            frame = next(running, None)
            waited_s += time.perf_counter() - began
            if frame is None:
                return
            yield frame

    began = time.perf_counter()
    for frame, poses in finder(read()):
        yield frame, poses, time.perf_counter() - began - waited_s
        began, waited_s = time.perf_counter(), 0.0


@contextmanager
def _media(job: Job, summary: Summary) -> Iterator[Callable[[Frame, Picture], None]]:
    """What takes the annotated pictures: a file for each photo, or one video with its sound."""
    if job.album:

        def show(frame: Frame, picture: Picture) -> None:
            write_image(job.media[frame.source], picture)
            summary.outputs.append(job.media[frame.source])

        yield show
        return
    with video_of(job, summary.info) as video:
        summary.outputs += job.media.values()
        yield lambda frame, picture: video.write(picture, frame.time_s)


def _clarity(pose: Pose | None) -> float:
    return -1.0 if pose is None else pose.score * float(pose.visibility.mean())
