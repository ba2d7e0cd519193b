"""The people of a data set that a command is about: all of them, or those of its `--split`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from blazepose.datasets import Sample, Split, read
from blazepose.errors import SourceError

SplitText: TypeAlias = Annotated[
    str | None,
    typer.Option("--split", metavar="A..B", help="People A to B in file order, from 1."),
]


def read_people(path: Path, split: str | None) -> tuple[list[Sample], int, list[SourceError]]:
    """The people of a split, the number of the first of them, and the labels that are broken.

    Raises:
        typer.BadParameter: a split that is none, or is not within the data set.
        SourceError: nothing known lies there, or nobody is labelled.
    """
    broken: list[SourceError] = []
    samples, first = read(path, on_broken=broken.append), 1
    if split:
        try:
            part = Split.parse(split)
            samples, first = part.cut(samples), part.first
        except ValueError as error:
            raise typer.BadParameter(f"--split: {error}") from error
    if not samples:
        reason = f": {broken[0]}" if broken else ""
        raise SourceError(f"{path}: expected labelled people, got none{reason}")
    return samples, first, broken
