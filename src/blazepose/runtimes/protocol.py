"""What a runtime is, and how the outputs of a file are told apart."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, runtime_checkable

import numpy as np

from blazepose.errors import ModelError
from blazepose.shapes import Float32, UInt8

Shape = tuple[int, ...]
MOST_BEGUN = 4  # pictures of `SideBySide.begin` whose outputs nobody has asked for
Precision = Literal["auto", "float32", "mixed"]
"""What a network computes in. "mixed": bfloat16, with the heads that give coordinates in float32;
"auto": mixed where the runtime and the processor have bfloat16, else float32."""


@dataclass(frozen=True)
class Network:
    """What a caller expects of a model file.

    Attributes:
        what: for messages, e.g. "landmark network".
        size: side of the square input in px; the input is (1, size, size, 3), RGB.
        mean: the network sees (pixel - mean) / std of pixels 0..255.
        std: see `mean`.
        outputs: name -> shape without the batch axis. The names are ours: a file's outputs are
            told apart by their shapes.
        optional: the same for outputs that a file may lack; no others are computed.
    """

    what: str
    size: int
    mean: float
    std: float
    outputs: Mapping[str, Shape]
    optional: Mapping[str, Shape] = field(default_factory=dict)

    @property
    def wanted(self) -> dict[str, Shape]:
        """Every output to compute where a file has it."""
        return {**self.outputs, **self.optional}


@runtime_checkable  # for the shape checks of the tests
class Runtime(Protocol):
    """A loaded network."""

    def __call__(
        self, images: UInt8[np.ndarray, "N S S 3"]
    ) -> dict[str, Float32[np.ndarray, "N ..."]]:
        """Run the network on RGB pictures.

        Returns:
            Name -> array, for the outputs that were asked for and that the file has; valid until
            the next call.
        """
        ...

    def each(
        self, images: Iterable[UInt8[np.ndarray, "S S 3"]]
    ) -> Iterator[dict[str, Float32[np.ndarray, "..."]]]:
        """Run the network on RGB pictures one by one, or some side by side.

        Args:
            images: taken as they can be computed, so that whoever makes them works meanwhile.

        Yields:
            In their order, name -> array as for a call, without the batch axis; valid until the
            next is asked for.
        """
        ...


Begun: TypeAlias = Callable[[], dict[str, np.ndarray]]
"""Waits for the outputs of a picture: name -> array, without the batch axis."""


@runtime_checkable
class SideBySide(Protocol):
    """A runtime whose caller may go on while pictures are computed."""

    @property
    def threads(self) -> int:
        """That share the pictures which have begun; with 1 nothing is gained."""
        ...

    def prepare(self, *, begin: bool) -> None:
        """Get ready in the background for `begin`, or for calls: the first else takes a moment."""
        ...

    def begin(self, image: UInt8[np.ndarray, "S S 3"]) -> Begun:
        """Begin with an RGB picture.

        At most `MOST_BEGUN` are remembered: the outputs are valid until as many more have begun.
        """
        ...


def soon_ready(network: Runtime) -> Runtime:
    """The same network, which gets ready in the background for calls, as far as it can."""
    if isinstance(network, SideBySide):
        network.prepare(begin=False)
    return network


def in_turn(
    run: Callable[[np.ndarray], dict[str, np.ndarray]],
    images: Iterable[UInt8[np.ndarray, "S S 3"]],
) -> Iterator[dict[str, Float32[np.ndarray, "..."]]]:
    """`Runtime.each`, one picture after the other."""
    for image in images:
        yield first_of(run(image[None]))


def first_of(outputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A network's answer to the first picture of a batch, without the batch axis."""
    return {name: values[0] for name, values in outputs.items()}


def one_by_one(
    run: Callable[[np.ndarray], dict[str, np.ndarray]], images: UInt8[np.ndarray, "N S S 3"]
) -> dict[str, Float32[np.ndarray, "N ..."]]:
    """A batch through a network that takes one picture at a time, as the released files do."""
    if len(images) == 1:
        return run(images)
    found = [{k: v.copy() for k, v in run(image[None]).items()} for image in images]
    return {name: np.concatenate([f[name] for f in found]) for name in found[0]}


def match_outputs(
    network: Network, name: str, inputs: list[Shape], outputs: list[Shape]
) -> dict[str, int]:
    """Index among a file's outputs of each that is asked for and there.

    Args:
        network: what is expected.
        name: of the file, for the message.
        inputs: shapes of the file's inputs, batch axis included.
        outputs: shapes of the file's outputs, batch axis included.

    Raises:
        ModelError: the file is another kind of network.
    """
    image = (network.size, network.size, 3)
    found = {
        output: next((i for i, s in enumerate(outputs) if s[1:] == shape), None)
        for output, shape in network.wanted.items()
    }
    matched = {output: index for output, index in found.items() if index is not None}
    if [s[1:] for s in inputs] != [image] or not network.outputs.keys() <= matched.keys():
        raise ModelError(
            f"{name} is no {network.what}: expected input {image} and outputs "
            f"{', '.join(map(str, network.outputs.values()))}, it has "
            f"{', '.join(str(s[1:]) for s in inputs)} and {', '.join(str(s[1:]) for s in outputs)}"
        )
    return matched
