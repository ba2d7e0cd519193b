"""What happens to a label that is no label.

A reader tells each one apart, by file and line or annotation, and asks `OnBroken` what to do: by
default it stops there; with `problems.append` the label is left out and the rest goes on. So
nothing is lost without the caller's knowledge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias, TypeVar

from blazepose.errors import SourceError

OnBroken: TypeAlias = Callable[[SourceError], None]

_Record = TypeVar("_Record")
_Label = TypeVar("_Label")


def stop(error: SourceError) -> None:
    """Raise the error: the default of all readers."""
    raise error


def each(
    records: Iterable[_Record], parse: Callable[[_Record], _Label], on_broken: OnBroken
) -> Iterator[_Label]:
    """What `parse` makes of each record; one that raises SourceError is told and left out."""
    for record in records:
        try:
            label = parse(record)
        except SourceError as error:  # noqa: PERF203 - one broken label must not end the rest
            on_broken(error)
        else:
            yield label
