"""Split: which people of a data set, by their place in it.

Written "1..1000", counted from 1, both ends included: the first half of Leeds Sports Pose. Nothing
is drawn by chance, so everybody who names the same split means the same people.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class Split:
    """Items `first` to `last` of a list, counted from 1, both included.

    Raises:
        ValueError: no item lies between them.
    """

    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise ValueError(f"expected a split FIRST..LAST with 1 <= FIRST <= LAST, got {self}")

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"

    @classmethod
    def parse(cls, text: str) -> Split:
        """The inverse of `str`; ValueError for another text."""
        numbers = re.fullmatch(r"\s*(\d+)\s*\.\.\s*(\d+)\s*", text)
        if not numbers:
            raise ValueError(f"expected a split like 1..1000, got {text!r}")
        return cls(int(numbers[1]), int(numbers[2]))

    def cut(self, items: Sequence[_Item]) -> list[_Item]:
        """The items of the split.

        Raises:
            ValueError: the list ends before the split does.
        """
        if self.last > len(items):
            raise ValueError(f"expected a split within 1..{len(items)}, got {self}")
        return list(items[self.first - 1 : self.last])
