"""How many people are asked for."""

from __future__ import annotations

from numbers import Integral
from typing import Literal, TypeAlias

People: TypeAlias = int | Literal["all"]


def most_of(people: People) -> int | None:
    """The number of people asked for; None: all.

    Raises:
        ValueError: less than one, or another word.
    """
    if people == "all":
        return None
    if not isinstance(people, Integral) or people < 1:
        raise ValueError(f"people must be a number from 1 on, or 'all'; got {people!r}")
    return int(people)
