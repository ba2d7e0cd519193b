"""Bars on stderr: what is being done, how much of it is done, a note, and the time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, runtime_checkable

from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column

from blazepose.cli.console import err


@runtime_checkable
class Show(Protocol):
    """Takes what is done of how much, None where that is not known, and a note."""

    def __call__(self, done: int, total: int | None, note: str = "") -> None:
        """Show it."""


@contextmanager
def bar(what: str) -> Iterator[Show]:
    """A bar that is gone afterwards; nothing where stderr is no terminal."""
    with bars() as display:
        task = display.add_task(escape(what), total=None, note="")

        def show(done: int, total: int | None, note: str = "") -> None:
            display.update(task, completed=done, total=total, note=note)

        yield show


def bars(*, shown: bool = True) -> Progress:
    """Where bars are shown while it is entered; each task has a field `note`."""
    name = Column(no_wrap=True, max_width=err.width // 3)  # a long one would push the numbers out
    return Progress(
        TextColumn("{task.description}", table_column=name),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not (shown and err.is_terminal),
        # Else what is printed meanwhile would go to stderr; there may be no stdout.
        redirect_stdout=bool(sys.stdout and sys.stdout.isatty()),
    )
