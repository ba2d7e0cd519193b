"""What watches a job while it runs: a bar, a list of keypoints, a window, and Ctrl-C.

Each gives a `Watcher`, which is called after every frame and says whether to stop there.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from blazepose.annotate import Job, Picture, Summary, Watcher
from blazepose.cli import ENDS, progress
from blazepose.cli.window import Window
from blazepose.pose import Frame, Pose

_PATIENCE = 3  # presses of Ctrl-C until it ends the program wherever it is


def together(watchers: Sequence[Watcher]) -> Watcher:
    """All of them after each frame; stops when one does."""

    def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: Picture | None) -> bool:
        answers = [watcher(summary, frame, poses, picture) for watcher in watchers]
        return any(answers)

    return watch


@contextmanager
def ctrl_c() -> Iterator[Callable[[], bool]]:
    """Make Ctrl-C a wish, so that no file ends in the middle of something; says whether it came.

    So do SIGTERM and SIGHUP, as of a service that is stopped or a terminal that is closed.
    """
    presses: list[int] = []

    def press(number: int, where: Any) -> None:
        presses.append(number)
        if signal.Signals(number).name == "SIGHUP":
            _forget_terminal()
        if presses.count(signal.SIGINT) >= _PATIENCE:
            raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in ENDS if hasattr(signal, name)]
    minded = [n for n in numbers if signal.getsignal(n) is not signal.SIG_IGN]
    before = {number: signal.signal(number, press) for number in minded}
    try:
        yield lambda: bool(presses)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _forget_terminal() -> None:
    """What is told from here on goes nowhere; written to a terminal that is gone it is an error."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        if os.isatty(stream):
            os.dup2(nowhere, stream)


@contextmanager
def bar(job: Job) -> Iterator[Watcher]:
    """A bar on stderr with speed and time left; nothing where stderr is no terminal."""
    with progress.bar(job.name) as show:

        def watch(
            summary: Summary, frame: Frame, poses: list[Pose], picture: Picture | None
        ) -> bool:
            speed = summary.frames / summary.seconds
            show(summary.frames, summary.info.frame_count, f"{speed:.0f} fps")
            return False

        yield watch


def window(opened: Window, stopped: Callable[[], bool]) -> Watcher:
    """Shows every picture; a photo stays until a key is pressed."""

    def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: Picture | None) -> bool:
        opened.show(frame.image if picture is None else picture)
        while summary.info.kind == "image" and not (opened.answered or stopped()):
            opened.rest()
        return opened.closed

    return watch


def keypoints(summary: Summary, frame: Frame, poses: list[Pose], picture: Picture | None) -> bool:
    """List the named keypoints of the frame on stdout."""
    try:
        for pose in poses:
            for line in _lines(frame, pose, photo=summary.info.kind == "image"):
                typer.echo(line)
    except BrokenPipeError:  # whoever read them has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _lines(frame: Frame, pose: Pose, *, photo: bool) -> Iterator[str]:
    place = Path(frame.source).name if photo else f"frame {frame.index:5d}"
    rows = zip(pose.skeleton.names, pose.points, pose.visibility, strict=True)
    for name, (x, y, z), visibility in rows:
        yield (
            f"{place}  person {pose.id}  {name:17s}"
            f"  x {x:8.1f}  y {y:8.1f}  z {z:8.1f}  visibility {visibility:.2f}"
        )
