"""Processes side by side: what they give, how they stop, and what is told when one is gone."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path

import pytest

from blazepose.errors import BlazePoseError, MissingExtraError, SourceError
from blazepose.track.workers import Beat, Workers, cores, jobs_of, threads_of


class Adder:
    """Adds to a number that it was made with, a frame a number."""

    def __init__(self, base: int) -> None:
        self.base = base

    def __call__(self, numbers: list[int], beat: Beat) -> int:
        for number in numbers:
            beat()
            self.base += number
        return self.base


class Failing:
    def __call__(self, error: Exception, beat: Beat) -> None:
        raise error


class Patient:
    def __call__(self, seconds: float, beat: Beat) -> int:
        frames = 0
        while not beat() and frames < seconds * 100:
            time.sleep(0.01)
            frames += 1
        return frames


class Identified(Patient):
    def __call__(self, file: Path, seconds: float, beat: Beat) -> int:
        file.write_text(str(os.getpid()))
        return super().__call__(seconds, beat)


class Dying:
    def __call__(self, beat: Beat) -> None:
        os._exit(3)


def test_a_worker_is_made_once_and_frames_are_counted_over_all() -> None:
    with Workers(partial(Adder, 100), count=1) as workers:
        tasks = [workers.submit([1, 2]), workers.submit([3])]
        assert [workers.result(task) for task in tasks] == [103, 106]
        assert workers.frames == 3


@pytest.mark.parametrize("error", [SourceError("a.mp4 is empty"), MissingExtraError("x", "plot")])
def test_an_error_comes_out_as_it_was_and_the_next_task_goes_on(error: Exception) -> None:
    with Workers(Failing, count=1) as workers:
        for _ in range(2):
            with pytest.raises(type(error)) as caught:
                workers.result(workers.submit(error))
            assert str(caught.value) == str(error)


def test_when_stopped_those_at_work_give_what_they_have() -> None:
    with Workers(Patient, count=1) as workers:
        tasks = [workers.submit(60.0), workers.submit(60.0)]
        assert workers.result(tasks[0], lambda: workers.frames > 3) < 1000
        with pytest.raises(CancelledError):
            workers.result(tasks[1])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM")
def test_a_worker_that_is_terminated_gives_what_it_has_when_stopped(tmp_path: Path) -> None:
    with Workers(Identified, count=1) as workers:
        task = workers.submit(tmp_path / "pid", 60.0)
        while not workers.frames:
            time.sleep(0.01)
        os.kill(int((tmp_path / "pid").read_text()), signal.SIGTERM)
        seen = workers.frames
        assert workers.result(task, lambda: workers.frames > seen + 3) < 1000


def test_a_process_that_dies_is_told_in_a_line() -> None:
    with Workers(Dying, count=1) as workers, pytest.raises(BlazePoseError, match="try fewer jobs"):
        workers.result(workers.submit())


def test_jobs_are_a_number_or_one_for_each_core() -> None:
    assert (jobs_of("auto"), jobs_of(3)) == (cores(), 3)
    assert threads_of(cores()) == threads_of(10 * cores()) == 1
    for wrong in (0, 1000):
        with pytest.raises(ValueError, match="jobs must be a number from 1"):
            jobs_of(wrong)


@pytest.mark.skipif(sys.platform == "win32", reason="there, ending a process is something else")
def test_processes_end_when_the_first_one_is_gone(tmp_path: Path) -> None:
    script = tmp_path / "work.py"
    script.write_text(
        "import os, time\n"
        "from blazepose.track.workers import Workers\n"
        "class Sleeper:\n"
        "    def __call__(self, beat):\n"
        "        print(os.getpid(), flush=True)\n"
        "        time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    with Workers(Sleeper, count=1) as workers:\n"
        "        workers.result(workers.submit())\n"
    )
    with subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout
        worker = int(first.stdout.readline())
        first.kill()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.kill(worker, signal.SIGKILL)
    raise AssertionError("it stayed")
