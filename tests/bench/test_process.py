import sys

import pytest
from fakes import dying_worker, worker

from blazepose.bench.process import WorkerError, WorkerProcess


def test_a_worker_answers_until_it_is_ended(tmp_path):
    with WorkerProcess(worker(tmp_path).command, log=tmp_path / "log") as running:
        assert running.ask("first", clip="any") == {"version": "7"}
        answer = running.ask("file", clip="any")
        assert (answer["frames"], answer["found"]) == (4, 3)
        assert answer["seconds"] > 0
        peak = running.ask("memory")["peak_bytes"]
    assert peak is None or peak > 5e6


def test_what_a_system_prints_is_not_taken_for_an_answer(tmp_path):
    chatty = worker(tmp_path, frames="print('loading'); return iter(np.zeros((1, 8, 8, 3)))")
    with WorkerProcess(chatty.command, log=tmp_path / "log") as running:
        assert running.ask("first", clip="any") == {"version": "7"}
    assert "loading" in (tmp_path / "log").read_text()


def test_the_last_words_of_a_worker_that_died_are_the_reason(tmp_path):
    with (
        WorkerProcess(dying_worker(tmp_path).command, log=tmp_path / "log") as running,
        pytest.raises(WorkerError, match="first: RuntimeError: no such codec"),
    ):
        running.ask("first", clip="any")


def test_a_worker_that_dies_silently_is_told_by_its_code(tmp_path):
    command = [sys.executable, "-c", "raise SystemExit(3)"]
    with (
        WorkerProcess(command, log=tmp_path / "log") as running,
        pytest.raises(WorkerError, match="it ended with code 3"),
    ):
        running.ask("first", clip="any")


def test_a_program_that_is_not_there_is_told(tmp_path):
    with pytest.raises(WorkerError, match="gone does not start"):
        WorkerProcess([str(tmp_path / "gone")], log=tmp_path / "log")
