"""Workouts: a clip followed by the coach -> annotated video, poses, report; a journal of those."""

from blazepose.workout.journal import Journal, Session
from blazepose.workout.record import Recorder, Request, Watcher, Workout, replay
from blazepose.workout.report import write_report

__all__ = [
    "Journal",
    "Recorder",
    "Request",
    "Session",
    "Watcher",
    "Workout",
    "replay",
    "write_report",
]
