"""`blazepose track --jobs`: several sources at once, or parts of one clip."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial

import typer

from blazepose.annotate import Job, Options, Summary
from blazepose.annotate.at_once import JobWorker, can_be_parted, file_tracker, write_poses
from blazepose.cli import console, progress, watch
from blazepose.cli.summary import tell, unreadable
from blazepose.errors import BlazePoseError
from blazepose.track.file import FileTracker
from blazepose.track.workers import Workers, jobs_of, threads_of


def parse_jobs(text: str) -> int:
    """A number of jobs at once, or "auto" for one per core.

    Raises:
        typer.BadParameter: neither.
    """
    if text != "auto" and not text.isdecimal():
        raise typer.BadParameter(f"--jobs: expected a number, or auto; got {text}")
    try:
        return jobs_of("auto" if text == "auto" else int(text))
    except ValueError as error:
        raise typer.BadParameter(f"--jobs: {error}") from error


def by_parts(jobs: Sequence[Job], options: Options, count: int) -> bool:
    """Whether clips are taken one after the other, each by parts: too few to keep all busy."""
    return len(jobs) < count and all(can_be_parted(job, options) for job in jobs)


def run_at_once(jobs: Sequence[Job], options: Options, count: int) -> int:
    """Run jobs and tell what came of each when it is done.

    One that cannot be read or written is told and the others go on.

    Args:
        jobs: several, or such as `by_parts` allows.
        options: of each.
        count: processes.

    Returns:
        Exit code: 0, 1 after Ctrl-C, 2 if something could not be read or written.
    """
    run = _parts if by_parts(jobs, options, count) else _jobs
    busy = count if run is _parts else min(count, len(jobs))
    options = replace(options, threads=options.threads or threads_of(busy))
    with watch.ctrl_c() as stopped:
        code = run(jobs, options, busy, stopped)
        if stopped():
            console.warning("stopped; what was begun is kept as far as it came")
            return 1
        return code


def _jobs(jobs: Sequence[Job], options: Options, count: int, stopped: Callable[[], bool]) -> int:
    """Each job in one process."""
    code = done = 0
    began = time.perf_counter()
    with (
        progress.bar(f"{len(jobs)} sources") as show,
        Workers(partial(JobWorker, options), count=count) as workers,
    ):

        def watched() -> bool:
            frames = workers.frames
            fps = frames / (time.perf_counter() - began)
            show(done, len(jobs), f"{frames} frames, {fps:.0f} fps")
            return stopped()

        for task in workers.completed([workers.submit(job) for job in jobs], watched):
            done += 1
            code = max(code, _told(partial(workers.result, task)))
    return code


def _parts(jobs: Sequence[Job], options: Options, count: int, stopped: Callable[[], bool]) -> int:
    """One job after the other, each by all processes."""
    code = 0
    with file_tracker(options, jobs=count) as tracker:
        for job in jobs:
            if stopped():
                break
            with progress.bar(job.name) as show:
                watched = _watch(tracker, show, stopped)
                code = max(code, _told(partial(write_poses, job, tracker, options, watched)))
    return code


def _watch(
    tracker: FileTracker, show: progress.Show, stopped: Callable[[], bool]
) -> Callable[[int], bool]:
    began = time.perf_counter()

    def watched(frames: int) -> bool:
        fps = frames / (time.perf_counter() - began)
        show(frames, tracker.info.frame_count, f"{fps:.0f} fps")
        return stopped()

    return watched


def _told(run: Callable[[], Summary]) -> int:
    """Tell what came of a job; its exit code."""
    try:
        summary = run()
    except CancelledError:
        return 0
    except BlazePoseError as error:  # the others go on
        console.error(str(error))
        return 2
    if summary.frames:
        tell(summary)
    return 2 if unreadable(summary) else 0
