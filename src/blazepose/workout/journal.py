"""The journal: workouts that somebody asked to keep, in one SQLite file.

Numbers and words only: no picture, no pose. Nothing is stored unless asked; whoever deletes the
file has forgotten everything.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal

import numpy as np

from blazepose.aside import aside, made_folder
from blazepose.coach import Repetition
from blazepose.errors import OutputError, SourceError
from blazepose.workout.record import Workout

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sessions (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, source TEXT NOT NULL, exercise TEXT NOT NULL,
  repetitions INTEGER NOT NULL, partial INTEGER NOT NULL, hold_s REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS repetitions (
  session INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, number INTEGER NOT NULL,
  start_s REAL, end_s REAL, depth_deg REAL, range_deg REAL, down_s REAL, pause_s REAL, up_s REAL,
  difference_deg REAL, amplitude REAL, confidence REAL, remarks TEXT NOT NULL,
  PRIMARY KEY (session, number)
);
"""
_SESSION = "id, at, source, exercise, repetitions, partial, hold_s"
_ROW = (
    "number, start_s, end_s, depth_deg, range_deg, down_s, pause_s, up_s, difference_deg, "
    "amplitude, confidence, remarks"
)
_IN_ORDER = "ORDER BY julianday(at), id"  # times are told in the zone of their day


def default_path() -> Path:
    """Where the journal of this user lies."""
    import platformdirs

    return platformdirs.user_data_path("blazepose", appauthor=False) / "sessions.sqlite"


@dataclass(frozen=True)
class Session:
    """A workout as it was kept. Medians are over its repetitions; None without any.

    Attributes:
        id: number in the journal.
        at: when it was saved, ISO 8601 with the zone.
        source: name of the clip.
        exercise: as in `Analysis`.
        repetitions: complete ones.
        partial: those that did not go all the way.
        hold_s: seconds held.
        depth_deg: median angle at depth.
        range_deg: median range.
        seconds: median of down, pause and up together.
        difference_deg: median of left less right, without sign.
        remarked: repetitions with a remark.
    """

    id: int
    at: str
    source: str
    exercise: str
    repetitions: int
    partial: int
    hold_s: float
    depth_deg: float | None
    range_deg: float | None
    seconds: float | None
    difference_deg: float | None
    remarked: int


class Journal:
    """Sessions that were saved; a context manager."""

    def __init__(self, path: Path | None = None, *, make: bool = False) -> None:
        """Open a journal.

        Args:
            path: of its file; None: this user's own.
            make: begin one where there is none.

        Raises:
            SourceError: there is none, or the file is no journal.
            OutputError: it cannot be made, or another program holds it.
        """
        self._path = path or default_path()
        if not self._path.exists():
            if not make:
                raise SourceError(
                    f"no sessions in {self._path}: `blazepose coach CLIP --save` keeps one"
                )
            made_folder(self._path.parent)
        try:
            self._base = sqlite3.connect(self._path)
        except sqlite3.Error as error:
            raise OutputError(f"cannot open {self._path} ({error}): choose another file") from error
        try:
            self._check()
        except BaseException:
            self._base.close()
            raise

    def add(self, workout: Workout, *, at: datetime | None = None) -> int:
        """Keep a workout.

        Args:
            workout: with its analysis.
            at: when it was; None: now.

        Returns:
            The session's number.

        Raises:
            OutputError: the disk is full or not writable, or another program holds the journal.
        """
        when = (at or datetime.now()).astimezone().isoformat(timespec="seconds")
        analysis = workout.analysis
        counts = (analysis.repetitions, analysis.partial, analysis.hold_s)
        with self._errors("write"), self._base:
            cursor = self._base.execute(
                "INSERT INTO sessions (at, source, exercise, repetitions, partial, hold_s) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (when, workout.name, analysis.exercise, *counts),
            )
            session = int(cursor.lastrowid or 0)
            self._base.executemany(
                f"INSERT INTO repetitions (session, {_ROW}) VALUES ({', '.join('?' * 13)})",
                [(session, *_row(number, rep)) for number, rep in enumerate(analysis.reps, 1)],
            )
        return session

    def sessions(self, exercise: str | None = None) -> list[Session]:
        """All sessions, or those of an exercise, the oldest first.

        Raises:
            OutputError: another program holds the journal.
        """
        with self._errors("read"):
            rows = self._base.execute(
                f"SELECT {_SESSION} FROM sessions WHERE ? IS NULL OR exercise = ? {_IN_ORDER}",
                (exercise, exercise),
            ).fetchall()
            return [self._session(row) for row in rows]

    def export(self, path: Path) -> int:
        """Write a CSV file: a line for each repetition, and one for a session without any.

        Returns:
            The number of lines under the heading.

        Raises:
            OutputError: it cannot be written, is the journal itself, or a file that is no CSV;
                another program holds the journal.
        """
        if path.exists():
            is_journal = path.samefile(self._path)
            if is_journal or path.suffix.lower() != ".csv":
                what = "is the journal" if is_journal else "exists and is no .csv"
                raise OutputError(f"{path} {what}: name another file to write the sessions into")
        columns = [f"s.{name.strip()}" for name in _SESSION.split(",")]
        columns += [f"r.{name.strip()}" for name in _ROW.split(",")]
        with self._errors("read"):
            rows = self._base.execute(
                f"SELECT {', '.join(columns)} FROM sessions s "
                f"LEFT JOIN repetitions r ON r.session = s.id {_IN_ORDER}, r.number"
            ).fetchall()
        with aside(path) as part, part.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(["session", *(name[2:] for name in columns[1:])])
            table.writerows(rows)
        return len(rows)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._base.close()

    def _check(self) -> None:
        """Begin an empty file; refuse one that is something else."""
        try:
            self._base.execute("PRAGMA foreign_keys = ON")
            (version,) = self._base.execute("PRAGMA user_version").fetchone()
            (tables,) = self._base.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if not version and not tables:
                self._base.executescript(f"{_SCHEMA} PRAGMA user_version = {_VERSION};")
                version = _VERSION
        except sqlite3.OperationalError as error:
            raise OutputError(
                f"cannot open {self._path} ({error}): wait until no other program uses it"
            ) from error
        except sqlite3.Error as error:
            raise SourceError(
                f"{self._path} is no journal of sessions ({error}): choose another file"
            ) from error
        if version != _VERSION:
            raise SourceError(
                f"{self._path}: expected a journal of version {_VERSION}, got {version}: "
                "choose another file"
            )

    @contextmanager
    def _errors(self, what: Literal["read", "write"]) -> Iterator[None]:
        advice = "wait until no other program uses it"
        if what == "write":
            advice += ", make room or choose another file"
        try:
            yield
        except sqlite3.Error as error:
            raise OutputError(f"cannot {what} {self._path} ({error}): {advice}") from error

    def _session(self, row: tuple[int, str, str, str, int, int, float]) -> Session:
        rows = self._base.execute(
            "SELECT depth_deg, range_deg, down_s + pause_s + up_s, abs(difference_deg), remarks "
            "FROM repetitions WHERE session = ?",
            (row[0],),
        ).fetchall()
        depth, reach, seconds, difference = (_median([row[i] for row in rows]) for i in range(4))
        remarked = sum(bool(words) for *_, words in rows)
        return Session(*row, depth, reach, seconds, difference, remarked)


def _row(number: int, rep: Repetition) -> tuple[float | str | None, ...]:
    """The values of a line, in the order of `_ROW`."""
    figures = (
        *(rep.start_s, rep.end_s, rep.depth_deg, rep.range_deg),
        *(rep.down_s, rep.hold_s, rep.up_s, rep.difference_deg, rep.amplitude, rep.confidence),
    )
    plain = [None if v is None or not np.isfinite(v) else round(float(v), 3) for v in figures]
    return number, *plain, "; ".join(remark.name for remark in rep.remarks)


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None
