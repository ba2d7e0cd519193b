"""Stands in for the tracker and the search: says what a test wants to be seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from blazepose.pose import Frame, Pose


@dataclass
class Seen:
    """What the tracker and the search are asked, and what they answer.

    Attributes:
        answers: what to see, picture after picture; the last one goes on for ever.
        images: what was shown.
        options: what was opened, and with what.
        resets: how often the tracker forgot everybody.
    """

    answers: list[list[Pose]] = field(default_factory=lambda: [[]])
    images: list[Frame | np.ndarray] = field(default_factory=list)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)
    resets: int = 0

    def stand_in(self, name: str) -> type:
        state = self

        class StandIn:
            def __init__(self, model: object, **options: Any) -> None:
                state.options[name] = {"model": model, **options}

            def __call__(self, image: Frame | np.ndarray, **options: Any) -> list[Pose]:
                state.options[name] |= options
                state.images.append(image)
                return state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]

            def reset(self) -> None:
                state.resets += 1

        return StandIn
