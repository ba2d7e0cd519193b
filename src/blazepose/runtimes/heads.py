"""The last layers of a network that give numbers, in float32."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from blazepose.boxes import sigmoid
from blazepose.shapes import Float32


@dataclass(frozen=True, eq=False)
class Head:
    """One layer from features to the numbers of an output.

    Attributes:
        features: which of a network's features it reads.
        weights: (N, D) for D features.
        bias: (N,).
        is_probability: what comes out goes through the sigmoid.
    """

    features: int
    weights: Float32[np.ndarray, "N D"]
    bias: Float32[np.ndarray, " N"]
    is_probability: bool

    def __call__(self, features: Float32[np.ndarray, "..."]) -> Float32[np.ndarray, "1 N"]:
        """The numbers of an output, with a batch axis."""
        numbers = (self.weights @ features.reshape(-1) + self.bias)[None]
        return sigmoid(numbers) if self.is_probability else numbers


def to_bytes(heads: Sequence[Head]) -> bytes:
    """Heads as an .npz file."""
    kinds = np.array([[head.features, head.is_probability] for head in heads]).reshape(-1, 2)
    numbers = [values for head in heads for values in (head.weights, head.bias)]
    with io.BytesIO() as file:
        np.savez(file, kinds, *numbers)
        return file.getvalue()


def from_bytes(content: bytes) -> tuple[Head, ...]:
    """Heads from an .npz file; KeyError and ValueError where it is none of theirs."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        kinds, *numbers = (arrays[f"arr_{i}"] for i in range(len(arrays.files)))
    layers = zip(kinds.tolist(), numbers[::2], numbers[1::2], strict=True)
    return tuple(
        Head(features, weights, bias, bool(is_probability))
        for (features, is_probability), weights, bias in layers
    )
