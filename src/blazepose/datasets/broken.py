"""What happens to a label that is no label.

A reader tells each one apart, by file and line or annotation, and asks `OnBroken` what to do: by
default it stops there; with `problems.append` the label is left out and the rest goes on. So
nothing is lost without the caller's knowledge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from blazepose.errors import SourceError

OnBroken: TypeAlias = Callable[[SourceError], None]


def stop(error: SourceError) -> None:
    """Raise the error: the default of all readers."""
    raise error
