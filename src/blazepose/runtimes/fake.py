"""A runtime for tests: answers from a function, runs no network."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


class FakeRuntime:
    """Calls `answer` with each picture and keeps the pictures it was shown."""

    def __init__(self, answer: Callable[[np.ndarray], dict[str, np.ndarray]]) -> None:
        self._answer = answer
        self.seen: list[np.ndarray] = []

    def __call__(self, image: np.ndarray) -> dict[str, np.ndarray]:
        """The answer for a picture (S, S, 3) uint8; see `protocol.Runtime`."""
        self.seen.append(image)
        return self._answer(image)
