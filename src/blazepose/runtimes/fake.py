"""A runtime for tests: answers from a function, runs no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from blazepose.runtimes.protocol import Begun, in_turn


class FakeRuntime:
    """Calls `answer` with each picture (S, S, 3) and keeps the pictures it was shown.

    Attributes:
        seen: the pictures.
        threads: see `protocol.SideBySide`; more than 1 has it asked in advance.
    """

    def __init__(
        self, answer: Callable[[np.ndarray], dict[str, np.ndarray]], *, threads: int = 1
    ) -> None:
        self._answer = answer
        self.seen: list[np.ndarray] = []
        self.threads = threads

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """The answers for pictures (N, S, S, 3) uint8; see `protocol.Runtime`."""
        self.seen += list(images)
        answers = [self._answer(image) for image in images]
        return {name: np.stack([a[name] for a in answers]) for name in answers[0]}

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        """One picture (S, S, 3) uint8 after the other."""
        return in_turn(self, images)

    def prepare(self, *, begin: bool) -> None:
        """Nothing to do."""

    def begin(self, image: np.ndarray) -> Begun:
        """Answer at once, and say so when asked."""
        self.seen.append(image)
        answer = self._answer(image)
        return lambda: answer
