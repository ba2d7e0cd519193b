"""Worker: blazepose itself.

python ours.py MODEL RUNTIME
python ours.py MODEL ahead        # frames in memory as a clip's file: some before their turn
python ours.py MODEL all-cores    # a clip's file by parts, in as many processes as there are cores
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from typing import Any

import numpy as np
from serve import Answers, answer_requests, person, serve  # type: ignore[import-not-found]  # beside this script

import blazepose as bp
from blazepose.skeleton import SKELETONS
from blazepose.track.models import pair


class BlazePose:
    """`Tracker` for clips, the search of `estimate` for stills; each loaded when it is needed.

    Of two models ("full-plus+heavy") the first is for both, the second for stills alone.
    """

    version = bp.__version__

    def __init__(self, model: str, runtime: str = "auto", *, looks_ahead: bool = False) -> None:
        self.model, self._runtime, self.looks_ahead = model, runtime, looks_ahead

    @property
    def skeleton(self) -> str | dict[str, Any]:
        """See `serve.System`."""
        own = self._estimator.skeleton
        return own.name if own == SKELETONS.get(own.name) else own.to_json()

    @cached_property
    def _tracker(self) -> bp.Tracker:
        return bp.Tracker(pair(self.model)[0], runtime=self._runtime)

    @cached_property
    def _estimator(self) -> Any:
        from blazepose.track import Estimator

        return Estimator(self.model, runtime=self._runtime)

    def frames(self, clip: str) -> Iterator[bp.Frame]:
        """See `serve.System`."""
        _ = self._tracker  # first, so that networks get ready while the clip is opened
        return iter(bp.frames(clip))

    def read(self, image: str) -> np.ndarray:
        """See `serve.System`."""
        from blazepose.video import read_image

        try:
            return read_image(image)
        except bp.SourceError as error:
            raise OSError(str(error)) from error

    def reset(self) -> None:
        """See `serve.System`."""
        self._tracker.reset()

    def track(self, image: bp.Frame | np.ndarray) -> list[bp.Pose]:
        """See `serve.System`."""
        return self._tracker(image)

    def follow(self, frames: Iterable[bp.Frame | np.ndarray]) -> Iterator[list[bp.Pose]]:
        """See `serve.System`."""
        return (poses for _, poses in self._tracker.track(frames))

    def find(self, image: np.ndarray) -> list[bp.Pose]:
        """See `serve.System`."""
        return self._estimator(image)

    def anybody(self, found: list[bp.Pose]) -> bool:
        """See `serve.System`."""
        return bool(found)

    def people(self, found: list[bp.Pose], width: int, height: int) -> list[dict[str, Any]]:
        """See `serve.System`."""
        return [
            row
            for pose in found
            for row in person(
                np.column_stack([pose.points, pose.visibility, pose.presence]),
                pose.score,
                world=pose.world,
            )
        ]


def serve_by_parts(model: str) -> None:
    """As `serve`, with the whole of a clip's file tracked by parts at once.

    Frames in memory come one after the other and are not measured, nor is memory, since it is that
    of several processes.
    """
    from blazepose.track.file import FileTracker
    from blazepose.track.workers import cores

    answers = Answers(BlazePose(model))
    with FileTracker(partial(bp.Tracker, model, threads=1), jobs=cores()) as tracker:

        def file(clip: str) -> dict[str, Any]:
            for _ in tracker(clip):  # each process loads its networks, as others have by now
                pass
            start = time.perf_counter()
            seen = [bool(frame.people) for frame in tracker(clip)]
            return {
                "seconds": time.perf_counter() - start,
                "frames": len(seen),
                "found": sum(seen),
            }

        answer_requests(
            first=answers.first,
            file=file,
            memory=lambda: {"peak_bytes": None},
            track=lambda frames: {"ns": [], "found": 0},
            images=answers.images,
        )


if __name__ == "__main__":
    if sys.argv[2] == "all-cores":
        serve_by_parts(sys.argv[1])
    elif sys.argv[2] == "ahead":
        serve(BlazePose(sys.argv[1], looks_ahead=True))
    else:
        serve(BlazePose(*sys.argv[1:]))
