"""Session: the pictures of one visitor in, answers out. Knows no socket and no page."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from blazepose.look import look
from blazepose.pose import Frame, Pose
from blazepose.posefile.lines import rounded
from blazepose.skeleton import Skeleton
from blazepose.track import Tracker
from blazepose.web.coaching import EXERCISES, Coaching, angles
from blazepose.web.options import Options, check_exercise
from blazepose.web.protocol import Shot, decode_jpeg


@runtime_checkable
class Session(Protocol):
    """What a visitor has of its own. It is used by one thread at a time."""

    def greeting(self) -> str:
        """The first message to the visitor: what is served, as JSON."""

    def start(self, exercise: str) -> None:
        """A clip begins."""

    def __call__(self, shot: Shot) -> str:
        """The answer to a picture, as JSON; VisitError for one that is none."""


OpenSession: TypeAlias = Callable[[], Session]


class TrackingSession:
    """A tracker and a counter, which no two visitors share."""

    def __init__(self, options: Options) -> None:
        """Load the networks; takes most of a second.

        Raises:
            ModelError, DownloadError: as for `Tracker`.
        """
        # One thread each: visitors are spread over the processor, not each over all of it.
        self._tracker = Tracker(options.model, threads=1)
        self._options = options
        self.start(options.exercise)

    def greeting(self) -> str:
        """Model, exercises, and the bones to draw."""
        return _json(
            {
                "type": "hello",
                "model": self._options.model,
                "exercise": check_exercise(self._options.exercise),
                "exercises": EXERCISES,
                "skeleton": _bones(self._tracker.skeleton),
            }
        )

    def start(self, exercise: str) -> None:
        """Forget everybody and count from zero."""
        self._tracker.reset()
        self._coaching = Coaching(exercise)

    def __call__(self, shot: Shot) -> str:
        """Find the person, measure, count.

        Returns:
            JSON with the shot's sequence, the person (null for nobody) with points, world points
            and angles, the counter, and `compute_ms`.

        Raises:
            VisitError: the picture is none.
        """
        begun_s = time.perf_counter()
        image = decode_jpeg(shot.jpeg, limits=self._options.limits)
        pose = next(iter(self._tracker(Frame(image, shot.time_s))), None)
        counter = self._coaching(pose, shot.time_s)
        return _json(
            {
                "type": "pose",
                "sequence": shot.sequence,
                "size_wh": image.shape[1::-1],
                "person": _person(pose) if pose else None,
                "counter": counter,
                "compute_ms": round(1e3 * (time.perf_counter() - begun_s), 1),
            }
        )


def _person(pose: Pose) -> dict[str, Any]:
    """As in a poses file, with angles."""
    points, world = rounded(pose)
    return {
        "score": round(pose.score, 4),
        "points": _known(points),
        "world": _known(world),
        "angles": angles(pose),
    }


def _bones(skeleton: Skeleton) -> dict[str, Any]:
    shape = look(skeleton)
    return {
        "names": skeleton.names,
        "sides": shape.sides.tolist(),
        "weights": shape.weight.tolist(),
        "bones": shape.bones.tolist(),
        "bone_sides": shape.bone_sides.tolist(),
    }


def _known(values: np.ndarray) -> list[Any]:
    """Nested lists, with None for what is not finite."""
    known = values.astype(object)
    known[~np.isfinite(values)] = None
    return known.tolist()


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), allow_nan=False)
