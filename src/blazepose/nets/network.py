"""What every whole network of this package is."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from torch import Tensor, nn


class ImageNetwork(nn.Module):
    """Square RGB images in, named tensors out; any batch size.

    Attributes:
        size: side of the image in px.
        mean: the network sees (pixel - mean) / std of pixels 0..255.
        std: see `mean`.
        outputs: names of all that it can compute, in the order of exported files.
        training_only: those that serve training alone; exported files lack them.
    """

    size: ClassVar[int]
    mean: ClassVar[float]
    std: ClassVar[float]
    outputs: tuple[str, ...]
    training_only: ClassVar[tuple[str, ...]] = ()

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, size, size).
            outputs: names of the wanted ones, None for all; heads of the others are not run.

        Returns:
            Name -> tensor with B in front.
        """
        raise NotImplementedError

    def wants(self, name: str, outputs: Collection[str] | None) -> bool:
        """Whether the output is among those asked for."""
        return outputs is None or name in outputs
