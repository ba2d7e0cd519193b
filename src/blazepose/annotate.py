"""From a source to a folder of results: annotated media, poses files, a 3-D picture.

The one place where frames, tracker, drawing and writers meet; the command line shows its progress.
Frames pass through once, so memory stays constant whatever the length of a clip.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from blazepose.draw import draw_poses
from blazepose.errors import OutputError
from blazepose.plot import save_3d
from blazepose.pose import Frame, Pose
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.track import Estimator, Tracker
from blazepose.video import (
    FrameSource,
    MediaInfo,
    VideoWriter,
    frames,
    media_files,
    write_image,
)
from blazepose.video.media import holds_image

_FPS_MEMORY = 0.9  # share of the past in the speed that is drawn on a picture


@dataclass(frozen=True)
class Options:
    """What finds the people, and what is written. `model` to `threads` are as for `Tracker`.

    Attributes:
        formats: poses files to write, of `posefile.FORMATS`.
        fps_on_picture: write the speed of tracking on each picture.
    """

    model: str = "full"
    smooth: bool = True
    mask: bool = False
    refine: bool = True
    runtime: str = "auto"
    threads: int | None = None
    formats: Sequence[str] = ("jsonl",)
    fps_on_picture: bool = False

    # Loaded when the first photo or the first clip comes, and kept for the next.
    @cached_property
    def estimator(self) -> Estimator:
        """The search for photos."""
        return Estimator(self.model, mask=self.mask, runtime=self.runtime, threads=self.threads)

    @cached_property
    def tracker(self) -> Tracker:
        """The tracker for clips."""
        return Tracker(
            self.model,
            smooth=self.smooth,
            mask=self.mask,
            refine=self.refine,
            runtime=self.runtime,
            threads=self.threads,
        )


@dataclass(frozen=True)
class Job:
    """Media that share a folder of results: one video, camera or stream, or an album of photos."""

    source: str | int | list[Path]
    out: Path
    photos: bool = False

    @property
    def name(self) -> str:
        """What the results are called after."""
        if isinstance(self.source, list):
            return self.source[0].name if len(self.source) == 1 else f"{len(self.source)} photos"
        if isinstance(self.source, int) or self.source.isdecimal():
            return f"camera {self.source}"
        return Path(self.source.split("?")[0]).name or "stream"


@dataclass
class Summary:
    """What came of a job; grows while the job runs.

    Attributes:
        name: of the source.
        info: what the source promises.
        outputs: files written.
        frames: seen so far.
        frames_with_person: of these.
        seconds: wall time so far, decoding and writing included.
        search_seconds: the part of it in which people were looked for.
        clearest: the pose that was seen best, for the 3-D picture.
        problem: one line on what was cut or broken; None if nothing.
        interrupted: stopped by Ctrl-C.
    """

    name: str
    info: MediaInfo
    outputs: list[Path] = field(default_factory=list)
    frames: int = 0
    frames_with_person: int = 0
    seconds: float = 0.0
    search_seconds: float = 0.0
    clearest: Pose | None = None
    problem: str | None = None
    interrupted: bool = False


Watcher = Callable[[Summary, Frame, list[Pose], UInt8[np.ndarray, "H W 3"]], None]


def plan(source: str | PathLike[str] | int, out: Path) -> list[Job]:
    """The jobs of a source: photos of a folder together, each of several videos by itself.

    Raises:
        SourceError: nothing there that can be read.
    """
    if isinstance(source, int) or str(source).isdecimal() or "://" in str(source):
        return [Job(source if isinstance(source, int) else str(source), out)]
    files = media_files(source)
    photos = [file for file in files if holds_image(file)]
    videos = [file for file in files if file not in set(photos)]
    jobs = [Job(photos, out, photos=True)] if photos else []
    alone = len(files) == 1
    return jobs + [Job(str(file), out if alone else out / file.name) for file in videos]


def annotate(job: Job, options: Options, watch: Watcher | None = None) -> Summary:
    """Run a job: find people in each frame, draw, and write everything into `job.out`.

    Args:
        job: from `plan`.
        options: what to use and write.
        watch: called after each frame with the summary so far, the frame, its poses and the
            annotated picture.

    Raises:
        SourceError: the source cannot be read at all; one that is cut is told in the summary.
        OutputError: the results cannot be written, or would overwrite the source.
        ModelError, DownloadError, MissingExtraError: as for `Tracker`.
    """
    with frames(job.source) as clip:
        summary = Summary(job.name, clip.info)
        try:
            _run(job, options, clip, summary, watch)
            summary.problem = clip.problem
        except KeyboardInterrupt:
            summary.interrupted = True
            summary.problem = f"stopped after {summary.frames} frames, which are kept"
    if summary.clearest:
        summary.outputs.append(job.out / "skeleton_3d.png")
        save_3d(summary.outputs[-1], summary.clearest, title=job.name)
    return summary


def _run(
    job: Job, options: Options, clip: FrameSource, summary: Summary, watch: Watcher | None
) -> None:
    find = _finder(job, options)
    header = _header(job, options, clip.info)
    speed = 0.0
    with ExitStack() as stack:
        lines = stack.enter_context(
            open_pose_files(job.out / "poses", header, formats=options.formats)
        )
        summary.outputs += lines.paths
        show = _album(job, summary) if job.photos else _film(job, clip.info, summary, stack)
        started = time.perf_counter()
        for frame in clip:
            before = time.perf_counter()
            poses = find(frame)
            seconds = time.perf_counter() - before
            speed = _FPS_MEMORY * speed + (1 - _FPS_MEMORY) / seconds if speed else 1 / seconds
            picture = draw_poses(frame.image, poses, fps=speed if options.fps_on_picture else None)
            show(frame, picture)
            lines.write(frame, poses)
            summary.frames += 1
            summary.frames_with_person += bool(poses)
            summary.search_seconds += seconds
            summary.seconds = time.perf_counter() - started
            summary.clearest = max([*poses, summary.clearest], key=_clarity)
            if watch:
                watch(summary, frame, poses, picture)


def _finder(job: Job, options: Options) -> Callable[[Frame], list[Pose]]:
    if job.photos:
        estimator = options.estimator
        return lambda frame: estimator(frame.image)
    tracker = options.tracker
    tracker.reset()
    return tracker


def _header(job: Job, options: Options, info: MediaInfo) -> PoseFileHeader:
    album = isinstance(job.source, list) and len(job.source) > 1
    return PoseFileHeader(
        model=options.model,
        source=job.name,
        width=None if album else info.width,
        height=None if album else info.height,
        fps=info.fps,
    )


def _album(job: Job, summary: Summary) -> Callable[[Frame, np.ndarray], None]:
    """Photos keep their names."""

    def show(frame: Frame, picture: np.ndarray) -> None:
        path = _free_of_sources(job, Path(frame.source).name)
        write_image(path, picture)
        summary.outputs.append(path)

    return show


def _film(
    job: Job, info: MediaInfo, summary: Summary, stack: ExitStack
) -> Callable[[Frame, np.ndarray], None]:
    """A clip becomes an mp4 of its name, with its sound."""
    path = _free_of_sources(job, Path(job.name.replace(" ", "_")).stem + ".mp4")
    sound = str(job.source) if info.has_audio and info.kind == "video" else None
    writer = stack.enter_context(
        VideoWriter(path, width=info.width, height=info.height, fps=info.fps, audio_from=sound)
    )
    summary.outputs.append(path)
    return lambda frame, picture: writer.write(picture, frame.time_s)


def _free_of_sources(job: Job, name: str) -> Path:
    """The path of a result, which must not be the source itself."""
    path = job.out / name
    sources = job.source if isinstance(job.source, list) else [Path(str(job.source))]
    if path.exists() and any(source.exists() and path.samefile(source) for source in sources):
        raise OutputError(f"{path} would overwrite its own source: choose another --out folder")
    return path


def _clarity(pose: Pose | None) -> float:
    return -1.0 if pose is None else pose.score * float(pose.visibility.mean())
