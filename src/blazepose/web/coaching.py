"""Poses of one visitor -> angles and counts as the page shows them. All that knows the coach."""

from __future__ import annotations

from typing import Any

import numpy as np

from blazepose.coach import (
    ANGLES,
    AUTO,
    MOVES,
    Counter,
    Hold,
    Remark,
    Repetition,
    State,
    pose_angles,
)
from blazepose.pose import Pose
from blazepose.web.options import NONE

EXERCISES = (AUTO, *MOVES, NONE)


class Coaching:
    """Counts what one visitor does from one start on."""

    def __init__(self, exercise: str) -> None:
        """Begin at zero; ValueError for an exercise that is none of `EXERCISES`."""
        self._counter = None if exercise == NONE else Counter(exercise)

    def __call__(self, pose: Pose | None, time_s: float) -> dict[str, Any] | None:
        """The counter after the next picture, ready for JSON; None if nothing is counted."""
        return _counted(self._counter(pose, time_s)) if self._counter else None


def angles(pose: Pose) -> dict[str, int | None]:
    """Each of `coach.ANGLES` in whole degrees; None where the camera does not see it.

    Of a network that sees no depth they are those in the plane of the picture.
    """
    flat = bool(np.isnan(pose.world).all())
    degrees = pose_angles(pose, image=flat).degrees
    return {
        name: round(float(value)) if np.isfinite(value) else None
        for name, value in zip(ANGLES, degrees, strict=True)
    }


def _counted(state: State) -> dict[str, Any]:
    ended: list[Repetition | Hold] = [*state.announced, *state.held]
    return {
        "exercise": state.exercise,
        "phase": state.phase,
        "count": state.count,
        "partial": state.partial,
        "progress": round(state.progress, 2) if np.isfinite(state.progress) else None,
        "hold_s": round(state.hold_s, 1),
        "repetition": _repetition(state.announced[-1]) if state.announced else None,
        "remarks": [_remark(remark) for one in ended for remark in one.remarks],
    }


def _repetition(rep: Repetition) -> dict[str, float | None]:
    return {
        "depth_deg": round(rep.depth_deg) if np.isfinite(rep.depth_deg) else None,
        "down_s": round(rep.down_s, 1),
        "hold_s": round(rep.hold_s, 1),
        "up_s": round(rep.up_s, 1),
    }


def _remark(remark: Remark) -> dict[str, str]:
    return {"text": remark.text, "evidence": f"{remark.seen}, {remark.bound}"}
