"""Several jobs at once, and a clip by parts at once; what is made is what one process makes."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

import numpy as np

from blazepose.annotate.annotator import (
    Annotator,
    Options,
    Summary,
    add_figure,
    header_of,
    tracker_of,
)
from blazepose.annotate.jobs import Job
from blazepose.aside import made_folder
from blazepose.errors import SourceError
from blazepose.pose import Frame
from blazepose.posefile import open_pose_files
from blazepose.track.file import FileTracker
from blazepose.track.workers import Beat

_NO_IMAGE = np.empty((0, 0, 3), np.uint8)  # a poses file of a clip asks for none


class JobWorker:
    """Does one job after the other, in a process of `track.workers.Workers`."""

    def __init__(self, options: Options) -> None:
        self._annotator = Annotator(options)

    def __call__(self, job: Job, beat: Beat) -> Summary:
        """Do a job; arguments and errors as for `Annotator`."""
        return self._annotator(job, lambda *_: beat())


def file_tracker(options: Options, *, jobs: int) -> FileTracker:
    """Tracks clips by parts at once as the options say; see `can_be_parted`."""
    return FileTracker(tracker_of(options), jobs=jobs)


def can_be_parted(job: Job, options: Options) -> bool:
    """Whether a job is poses alone of a clip, with nobody to follow from its first frame on."""
    recorded = not (job.album or isinstance(job.source, int) or "://" in str(job.source))
    return recorded and not options.media and options.follow is None


def write_poses(
    job: Job, tracker: FileTracker, options: Options, watch: Callable[[int], bool]
) -> Summary:
    """Write a clip's poses files and its 3-D figure.

    Args:
        job: of a clip.
        tracker: from `file_tracker`.
        options: only model and formats matter.
        watch: as for `FileTracker`.

    Raises:
        SourceError: nothing of the clip can be read.
        OutputError: the results cannot be written.
        ModelError, DownloadError, ValueError: as for `Tracker`.
    """
    began = time.perf_counter()
    found = tracker(str(job.source), watch=watch)
    first = next(found, None)
    summary = Summary(job.name, tracker.info, stopped=tracker.stopped)
    if first is None:
        if tracker.stopped:
            return summary
        raise SourceError(tracker.problem or f"{job.name} holds no pictures: is it complete?")
    made_folder(job.folder)
    header = header_of(job, options.model, tracker.info, tracker.skeleton)
    with open_pose_files(job.folder / "poses", header, formats=options.formats) as lines:
        summary.outputs += lines.paths
        for frame in itertools.chain([first], found):
            shown = Frame(_NO_IMAGE, frame.time_s, frame.index)
            lines.write(shown, frame.people)
            summary.seconds = time.perf_counter() - began
            summary.count(shown, frame.people, summary.seconds - summary.search_seconds)
    summary.problem, summary.stopped = tracker.problem, tracker.stopped
    if summary.stopped:
        summary.problem = f"stopped after {summary.frames} frames, which are kept"
    add_figure(job, summary)
    return summary
