"""A recorded clip by parts at once, so that all cores are busy: file -> poses, frame by frame.

Each part begins some seconds early, so that filters and regions have settled where it counts, and
people keep their ids from one part to the next. What is found is nearly what one pass finds.
Somebody who is out of sight where two parts meet comes back with a new id.
"""

from __future__ import annotations

import logging
import math
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import CancelledError, Future
from contextlib import closing, suppress
from functools import partial
from itertools import islice
from os import PathLike
from pathlib import Path
from types import TracebackType

from blazepose.errors import SourceError
from blazepose.posefile import PoseFrame
from blazepose.skeleton import BLAZEPOSE33, Skeleton
from blazepose.track.people import People
from blazepose.track.segments import Joined, Lead, PartTracker, Segment
from blazepose.track.tracker import Tracker
from blazepose.track.workers import Jobs, Workers, jobs_of, threads_of
from blazepose.video.media import MediaInfo, existing, holds_image
from blazepose.video.parts import Part, cut

RUN_IN_S = 1.0  # thrown away; 2.0 brings the poses no nearer to those of one pass
_LONGEST_S = 60.0  # of a part: poses come one part at a time, and are held that long

_log = logging.getLogger(__name__)


def track_file(
    clip: str | PathLike[str],
    model: str | PathLike[str] = "full",
    *,
    jobs: Jobs = "auto",
    people: People = 1,
    detector: str | PathLike[str] | None = None,
    smooth: bool = True,
    refine: bool = True,
    runtime: str = "auto",
) -> Generator[PoseFrame]:
    """The poses of a recorded clip, with as many parts of it at once as there are cores.

    What is damaged is logged; `FileTracker` also tells it, and keeps its processes for more clips.

    Args:
        clip: a video file. One that cannot be entered in the middle is tracked in one go.
        model: as for `Tracker`, as all from `people` on.
        jobs: parts at once, each in a process of its own; "auto": one for each core.
        people: how many to follow at most, or "all".
        detector: what finds people.
        smooth: filter points over time.
        refine: move points to their heatmap's maximum.
        runtime: what runs the networks.

    Raises:
        SourceError: no video, or nothing in it can be decoded.
        ModelError, DownloadError, ValueError: as for `Tracker`.

    Example:
        >>> if __name__ == "__main__":  # which processes need that are started
        ...     for frame in track_file("match.mp4", people="all"):
        ...         print(frame.time_s, [pose.id for pose in frame.people])
    """
    count = jobs_of(jobs)
    make = partial(
        Tracker,
        model,
        people=people,
        detector=detector,
        smooth=smooth,
        refine=refine,
        runtime=runtime,
        threads=threads_of(count),
    )
    with FileTracker(make, jobs=count) as tracker:
        yield from tracker(clip)


class FileTracker:
    """Tracks clip after clip by parts at once; a context manager.

    Attributes:
        info: what the clip at hand promises.
        skeleton: of its poses, from its first frame on.
        problem: after it, one line on what was damaged, or why it was not tracked by parts; None
            if there is nothing to say.
        stopped: the watcher ended it early.
    """

    info: MediaInfo
    skeleton: Skeleton = BLAZEPOSE33
    problem: str | None = None
    stopped: bool = False

    def __init__(self, make: Callable[[], Tracker], *, jobs: int) -> None:
        """Start processes as they are needed.

        Args:
            make: makes the tracker of a process: a `partial` of `Tracker`.
            jobs: parts at once, one process each.
        """
        self._workers = Workers(partial(PartTracker, make), count=jobs)

    def __call__(
        self, clip: str | PathLike[str], *, watch: Callable[[int], bool] = lambda frames: False
    ) -> Generator[PoseFrame]:
        """The poses of a clip, in order.

        Args:
            clip: a video file.
            watch: told now and then how many frames have been looked at, run-ins too; True ends
                the clip, and what there is until then without a gap still comes.

        Raises:
            SourceError: no video, or nothing in it can be decoded.
        """
        path = existing(clip)
        if holds_image(path):
            raise SourceError(f"expected a video, got the image {path}: see `estimate`")
        parts, problems = self._parts(path)
        before, self.problem, self.stopped = self._workers.frames, None, False

        def asked() -> bool:
            self.stopped = watch(self._workers.frames - before)
            return self.stopped

        joined = Joined(self.info)
        for segment in self._segments(path, parts, joined, asked):
            self.skeleton = segment.skeleton
            problems += [text for text in (joined.gap(segment), segment.problem) if text]
            yield from joined.add(segment)
            if self.stopped or asked():
                break
        self.problem = "; ".join(problems) or None
        if self.problem:
            _log.warning("%s", self.problem)

    def _parts(self, path: Path) -> tuple[list[Part], list[str]]:
        """As many parts for each process, none too long or too short; why there is only one."""
        from blazepose.video.decode import Clip

        with closing(Clip(str(path), threads=1)) as clip:
            self.info, jobs = clip.info, self._workers.count
            duration_s = clip.info.duration_s or 0.0
            count = jobs * math.ceil(duration_s / (jobs * _LONGEST_S))
            count = min(count, int(duration_s / (2 * RUN_IN_S)))
            parts = cut(duration_s, clip.lead_s, count=count, run_in_s=RUN_IN_S)
        if len(parts) > 1 or jobs == 1:
            return parts, []
        why = "it is short" if count < 2 else "it has no key frames to enter it by"
        return parts, [f"{path} was tracked in one go: {why}"]

    def _segments(
        self, path: Path, parts: Iterable[Part], joined: Joined, asked: Callable[[], bool]
    ) -> Generator[Segment]:
        """What came of each part, in order, while those behind are being tracked."""

        def submit(part: Part, lead: Lead | None = None) -> tuple[Part, Future[Segment]]:
            return part, self._workers.submit(str(path), part, lead)

        waiting = iter(parts)
        running = deque(map(submit, islice(waiting, 2 * self._workers.count)))
        try:
            while running and not self.stopped:
                part, future = running.popleft()
                segment = self._workers.result(future, asked)
                lead = None if self.stopped else joined.missed(part, segment)
                if lead:
                    with suppress(CancelledError):  # stopped: then without those who were missed
                        segment = self._workers.result(submit(part, lead)[1], asked)
                yield segment
                running.extend(map(submit, islice(waiting, 1)))
        finally:
            if running:  # nobody will ask for what comes of these
                self._workers.stop()

    def __enter__(self) -> FileTracker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._workers.__exit__(kind, error, trace)
