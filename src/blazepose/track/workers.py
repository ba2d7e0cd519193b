"""Processes that work side by side, each with networks of its own that it keeps.

Processes, not threads: what of a frame is Python would let no more than a few threads go on at a
time. Knows nothing of what is worked on, only that it goes frame by frame.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from types import FrameType, TracebackType
from typing import Any, Generic, Literal, TypeAlias, TypeVar

import cv2

from blazepose.errors import BlazePoseError

T = TypeVar("T")

Jobs: TypeAlias = int | Literal["auto"]
Beat: TypeAlias = Callable[[], bool]  # called once for each frame; True ends the work there

_TICK_S = 0.2
_GRACE_S = 10.0  # for what a terminated process has, if its group was terminated with it
_MOST = 61  # processes that Windows can wait for


def cores() -> int:
    """Processor cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def jobs_of(jobs: Jobs) -> int:
    """How many jobs are wanted at once; "auto" is one for each core.

    Raises:
        ValueError: less than one, or another word.
    """
    if jobs == "auto":
        return min(cores(), _MOST)
    if not isinstance(jobs, int) or not 1 <= jobs <= _MOST:
        raise ValueError(f"jobs must be a number from 1 to {_MOST}, or 'auto'; got {jobs!r}")
    return jobs


def threads_of(jobs: int) -> int:
    """Threads for each network when so many jobs run at once."""
    return max(cores() // jobs, 1)


class Workers(Generic[T]):
    """Processes with a worker in each; a context manager, which stops them when it is left.

    As ever with processes, a script that makes one does so under `if __name__ == "__main__":`.
    """

    def __init__(self, make: Callable[[], Callable[..., T]], *, count: int) -> None:
        """Start processes as they are needed.

        Args:
            make: makes the worker of a process for its first task, e.g. `partial` of a class. The
                worker is called with what is submitted, and with a `Beat` behind.
            count: of the processes.
        """
        # A fork would inherit the locks of threads that it has not.
        context = get_context("spawn")
        self.count = count
        with _no_interrupt():
            self._frames, self._ended = context.Value("q", 0), context.Value("q", 0)
        self._batch = 1  # of tasks that `stop` ends together
        self._pool = ProcessPoolExecutor(
            count, context, initializer=_start, initargs=(make, self._frames, self._ended)
        )

    @property
    def frames(self) -> int:
        """Frames worked on so far, by all of them."""
        return self._frames.value

    def submit(self, *task: Any) -> Future[T]:
        """Give a task to the next worker that is free."""
        with _no_interrupt():
            return self._pool.submit(_work, self._batch, *task)

    def completed(
        self, tasks: Iterable[Future[T]], watch: Callable[[], bool] = lambda: False
    ) -> Iterator[Future[T]]:
        """The tasks, each when it is done.

        Args:
            tasks: from `submit`.
            watch: asked now and then whether to stop all of them: those at work give what they
                have, those not begun are cancelled.
        """
        pending = set(tasks)
        while pending:
            done, pending = wait(pending, timeout=_TICK_S, return_when=FIRST_COMPLETED)
            if watch():
                self.stop()
            yield from done

    def result(self, task: Future[T], watch: Callable[[], bool] = lambda: False) -> T:
        """What came of a task, waited for as by `completed`.

        Raises:
            CancelledError: it had not begun when all were stopped.
            BlazePoseError: a process is gone; besides whatever the worker raises.
        """
        try:
            return next(self.completed([task], watch)).result()
        except BrokenProcessPool as error:
            raise BlazePoseError(
                f"one of {self.count} processes died. Was it memory, try fewer jobs; a script that "
                "uses several has to run what it does under `if __name__ == '__main__':`"
            ) from error

    def stop(self) -> None:
        """End what was submitted: with what there is where it is being done, else not begun."""
        self._ended.value = self._batch
        self._batch += 1

    def __enter__(self) -> Workers[T]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self._pool.shutdown(cancel_futures=True)


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ctrl-C waits; processes that begin meanwhile never get it, not even while they import."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Process:
    """What a process keeps from one task to the next."""

    make: Callable[[], Callable[..., Any]]
    worker: Callable[..., Any] | None = None
    frames: Any
    ended: Any


def _start(make: Callable[[], Callable[..., Any]], frames: Any, ended: Any) -> None:
    # Ctrl-C and the end of a terminal reach all; the first process decides.
    for name in ("SIGINT", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_soon)
    cv2.setNumThreads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _Process.make, _Process.frames, _Process.ended = make, frames, ended


def _end_soon(signum: int, frame: FrameType | None) -> None:
    """The first process, which got the signal, too, takes what there is before that."""
    ending = threading.Timer(_GRACE_S, os._exit, (1,))
    ending.daemon = True
    ending.start()


def _end_with_parent() -> None:
    """Do not stay when the first process is gone without a word, as when it was terminated."""
    if parent := parent_process():
        parent.join()
        os._exit(1)


def _work(batch: int, *task: Any) -> Any:
    def is_over() -> bool:
        return bool(batch <= _Process.ended.value)

    def beat() -> bool:
        with _Process.frames.get_lock():
            _Process.frames.value += 1
        return is_over()

    if is_over():
        raise CancelledError
    if _Process.worker is None:  # not at the start: from there no error finds its way back
        _Process.worker = _Process.make()
    return _Process.worker(*task, beat)
