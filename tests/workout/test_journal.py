import csv
import sqlite3
from contextlib import closing
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import pytest

from blazepose.errors import OutputError, SourceError
from blazepose.workout import Journal, Workout

DAY = datetime(2026, 5, 1, 12, tzinfo=timezone.utc)


def test_a_session_comes_back_as_it_was_saved(tmp_path: Path, squats: Workout) -> None:
    with Journal(tmp_path / "new" / "a.sqlite", make=True) as journal:
        assert journal.add(squats, at=DAY) == 1
    with Journal(tmp_path / "new" / "a.sqlite") as journal:
        (session,) = journal.sessions()
    assert (session.id, session.exercise, session.source) == (1, "squat", "made.mp4")
    assert (session.repetitions, session.partial) == (2, 1)
    depths = [rep.depth_deg for rep in squats.analysis.reps]
    assert session.depth_deg == pytest.approx(sum(depths) / 2, abs=0.01)
    assert datetime.fromisoformat(session.at) == DAY


def test_sessions_are_in_the_order_of_time_and_chosen_by_exercise(
    tmp_path: Path, squats: Workout
) -> None:
    with Journal(tmp_path / "a.sqlite", make=True) as journal:
        journal.add(squats, at=DAY.replace(month=6))
        journal.add(squats, at=DAY)
        assert [session.id for session in journal.sessions("squat")] == [2, 1]
        assert journal.sessions("lunge") == []


def test_an_hour_that_comes_twice_is_in_the_order_of_time(tmp_path: Path, squats: Workout) -> None:
    with Journal(tmp_path / "a.sqlite", make=True) as journal:
        for _ in range(2):
            journal.add(squats)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as base, base:
        for number, at in ((1, "2026-10-25T02:10:00+01:00"), (2, "2026-10-25T02:50:00+02:00")):
            base.execute("UPDATE sessions SET at = ? WHERE id = ?", (at, number))
    with Journal(tmp_path / "a.sqlite") as journal:
        assert [session.id for session in journal.sessions()] == [2, 1]
        journal.export(tmp_path / "a.csv")
    lines = (tmp_path / "a.csv").read_text().splitlines()[1:]
    assert [line[0] for line in lines] == sorted((line[0] for line in lines), reverse=True)


def test_the_export_has_a_line_for_each_repetition(tmp_path: Path, squats: Workout) -> None:
    with Journal(tmp_path / "a.sqlite", make=True) as journal:
        journal.add(squats)
        assert journal.export(tmp_path / "a.csv") == 2
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["number"] for row in rows] == ["1", "2"]
    for row, rep in zip(rows, squats.analysis.reps, strict=True):
        assert float(row["depth_deg"]) == pytest.approx(rep.depth_deg, abs=0.001)
        assert row["exercise"] == "squat"


def test_where_nothing_was_saved_the_way_to_save_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no sessions in .*--save"):
        Journal(tmp_path / "a.sqlite")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8" * 2000)
    with pytest.raises(SourceError, match="is no journal of sessions"):
        Journal(tmp_path / "photo.jpg", make=True)
    assert (tmp_path / "photo.jpg").read_bytes() == b"\xff\xd8" * 2000
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE songs (name TEXT)")
    other.close()
    with pytest.raises(SourceError, match="expected a journal of version 1, got 0"):
        Journal(tmp_path / "other.sqlite", make=True)


def test_a_journal_that_another_program_holds_is_told(
    tmp_path: Path, squats: Workout, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal(tmp_path / "a.sqlite", make=True) as journal:
        journal.add(squats)
    other = sqlite3.connect(tmp_path / "a.sqlite")
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("sqlite3.connect", partial(sqlite3.connect, timeout=0))
    with pytest.raises(OutputError, match=r"locked\): wait until no other program uses it"):
        Journal(tmp_path / "a.sqlite")
    other.rollback()
    with Journal(tmp_path / "a.sqlite") as journal:
        other.execute("BEGIN EXCLUSIVE")
        for read in (journal.sessions, lambda: journal.export(tmp_path / "a.csv")):
            with pytest.raises(OutputError, match=r"cannot read .*locked\): wait until no other"):
                read()
    other.close()


def test_a_journal_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot make the folder"):
        Journal(tmp_path / "file" / "a.sqlite", make=True)
