"""What the solutions have in common; scripts name it in type hints."""

from __future__ import annotations

from typing import TypeVar

_Solution = TypeVar("_Solution", bound="SolutionBase")


class SolutionBase:
    """A context manager that can be used again after `close`, for a new clip."""

    def reset(self) -> None:
        """Forget the person: a new clip begins."""

    def close(self) -> None:
        """The clip has ended; as `reset`."""
        self.reset()

    def __enter__(self: _Solution) -> _Solution:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
