"""`blazepose sessions`: workouts that `coach --save` kept, listed, compared and exported."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.console import RenderableType
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from blazepose.cli import console
from blazepose.cli.coach import DATABASE_HELP
from blazepose.coach import UNKNOWN, find_move
from blazepose.errors import SourceError
from blazepose.workout import Journal, Session

Database: TypeAlias = Annotated[
    Path | None, typer.Option("--database", metavar="FILE", help=DATABASE_HELP)
]

app = typer.Typer(
    name="sessions",
    help="Workouts that `coach --save` kept: list, compare over time, export.",
    no_args_is_help=True,
)

_BAR_CELLS = 10


@app.command("list", epilog="Example:\n\nblazepose sessions list")
def list_sessions(database: Database = None) -> None:
    """List what was saved, the oldest first."""
    table = _table("", "when", "exercise", ">reps", ">partial", ">held, s", "source")
    with Journal(database) as journal:
        for row in journal.sessions():
            held = f"{row.hold_s:.1f}" if row.hold_s else ""
            counts = (str(row.repetitions), str(row.partial), held)
            table.add_row(str(row.id), _when(row), row.exercise or "-", *counts, Text(row.source))
    console.out.print(table)


@app.command(epilog="Example:\n\nblazepose sessions compare squat")
def compare(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="As `coach` names it.")],
    database: Database = None,
) -> None:
    """Set the sessions of an exercise side by side over time, with bars."""
    try:
        name = exercise if exercise == UNKNOWN else find_move(exercise, besides=(UNKNOWN,)).name
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    with Journal(database) as journal:
        rows = journal.sessions(name)
        others = sorted({row.exercise for row in journal.sessions() if row.exercise})
    if not rows:
        known = ", ".join(others) or "nothing"
        raise SourceError(f"no {name} session is saved: saved are {known}")
    console.out.print(_compared(rows))


@app.command(epilog="Example:\n\nblazepose sessions export sessions.csv")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write.")],
    database: Database = None,
) -> None:
    """Write all sessions into a CSV file, a line for each repetition."""
    with Journal(database) as journal:
        lines = journal.export(file)
    console.out.print(f"{escape(str(file))}: {lines} lines")


def _compared(rows: Sequence[Session]) -> Table:
    """A row per session; the bar is of what the exercise is counted in."""
    held = any(row.hold_s for row in rows)
    amounts = [row.hold_s if held else float(row.repetitions) for row in rows]
    most = max(*amounts, 1.0)
    table = _table("", "when", ">held, s" if held else ">reps", "")
    for title in ("depth °", "range °", "rep s", "L-R °", "remarked"):
        table.add_column(title, justify="right")
    earlier = [None, *rows[:-1]]
    for before, row, amount in zip(earlier, rows, amounts, strict=True):
        shown = f"{amount:.1f}" if held else str(row.repetitions)
        table.add_row(
            str(row.id),
            _when(row),
            shown,
            _bar(amount / most),
            _change(row.depth_deg, before.depth_deg if before else None),
            _change(row.range_deg, before.range_deg if before else None),
            _change(row.seconds, before.seconds if before else None, digits=1),
            "" if row.difference_deg is None else f"{row.difference_deg:.0f}",
            str(row.remarked),
        )
    return table


def _bar(share: float) -> RenderableType:
    return ProgressBar(total=1.0, completed=share, width=_BAR_CELLS, style="default")


def _change(value: float | None, before: float | None, *, digits: int = 0) -> str:
    """The value, and by how much it differs from the session before."""
    if value is None:
        return ""
    # Adding zero makes a zero of "-0.0".
    change = "" if before is None else f" ({round(value - before, digits) + 0.0:+.{digits}f})"
    return f"{value:.{digits}f}{change}"


def _when(session: Session) -> str:
    return f"{datetime.fromisoformat(session.at):%Y-%m-%d %H:%M}"


def _table(*titles: str) -> Table:
    """Columns; a title that starts with ">" is over numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for title in titles:
        table.add_column(title.removeprefix(">"), justify="right" if title[:1] == ">" else "left")
    return table
