"""What a runtime is, and how the outputs of a file are told apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8

from blazepose.errors import ModelError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """What a caller expects of a model file.

    Attributes:
        what: for messages, e.g. "landmark network".
        size: side of the square input in px; the input is (1, size, size, 3), RGB.
        mean: the network sees (pixel - mean) / std of pixels 0..255.
        std: see `mean`.
        outputs: name -> shape without the batch axis; only these are computed. The names are
            ours: a file's outputs are told apart by their shapes.
    """

    what: str
    size: int
    mean: float
    std: float
    outputs: Mapping[str, Shape]


@runtime_checkable  # for the shape checks of the tests
class Runtime(Protocol):
    """A loaded network."""

    def __call__(
        self, images: UInt8[np.ndarray, "N S S 3"]
    ) -> dict[str, Float32[np.ndarray, "N ..."]]:
        """Run the network on RGB pictures.

        Returns:
            Name -> array, for the outputs that were asked for; valid until the next call.
        """
        ...


def one_by_one(
    run: Callable[[np.ndarray], dict[str, np.ndarray]], images: UInt8[np.ndarray, "N S S 3"]
) -> dict[str, Float32[np.ndarray, "N ..."]]:
    """A batch through a network that takes one picture at a time, as the released files do."""
    if len(images) == 1:
        return run(images)
    found = [{k: v.copy() for k, v in run(image[None]).items()} for image in images]
    return {name: np.concatenate([f[name] for f in found]) for name in found[0]}


def match_outputs(
    network: Network, path: Path, inputs: list[Shape], outputs: list[Shape]
) -> dict[str, int]:
    """Index among a file's outputs of each that the network must have.

    Args:
        network: what is expected.
        path: of the file, for the message.
        inputs: shapes of the file's inputs, batch axis included.
        outputs: shapes of the file's outputs, batch axis included.

    Raises:
        ModelError: the file is another kind of network.
    """
    image = (network.size, network.size, 3)
    found = {
        name: next((i for i, s in enumerate(outputs) if s[1:] == shape), None)
        for name, shape in network.outputs.items()
    }
    matched = {name: index for name, index in found.items() if index is not None}
    if [s[1:] for s in inputs] != [image] or len(matched) < len(found):
        raise ModelError(
            f"{path} is no {network.what}: expected input {image} and outputs "
            f"{', '.join(map(str, network.outputs.values()))}, it has "
            f"{', '.join(str(s[1:]) for s in inputs)} and {', '.join(str(s[1:]) for s in outputs)}"
        )
    return matched
