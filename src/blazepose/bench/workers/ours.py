"""Worker: blazepose itself.

python ours.py MODEL RUNTIME
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
from serve import person, serve  # type: ignore[import-not-found]  # beside this script

import blazepose as bp
from blazepose.skeleton import SKELETONS


class BlazePose:
    """`Tracker` for clips, the search of `estimate` for stills; each loaded when it is needed."""

    version = bp.__version__

    def __init__(self, model: str, runtime: str) -> None:
        self.model, self._runtime = model, runtime

    @property
    def skeleton(self) -> str | dict[str, Any]:
        """See `serve.System`."""
        own = self._estimator.skeleton
        return own.name if own == SKELETONS.get(own.name) else own.to_json()

    @cached_property
    def _tracker(self) -> bp.Tracker:
        return bp.Tracker(self.model, runtime=self._runtime)

    @cached_property
    def _estimator(self) -> Any:
        from blazepose.track import Estimator

        return Estimator(self.model, runtime=self._runtime)

    def frames(self, clip: str) -> Iterator[np.ndarray]:
        """See `serve.System`."""
        return (frame.image for frame in bp.frames(clip))

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

    def track(self, image: np.ndarray) -> list[bp.Pose]:
        """See `serve.System`."""
        return self._tracker(image)

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


if __name__ == "__main__":
    serve(BlazePose(*sys.argv[1:]))
