"""Ways up and down between feature maps of different size, shared by the landmark networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from blazepose.nets.blocks import BlazeBlock, SeparableConv, Upsample

Stage = tuple[int, int]
"""Channels, and residual blocks after the one that halves the size."""


class Decoder(nn.Module):
    """From the coarsest map to the finest, at each size plus the backbone's map of that size.

    Args:
        taps: channels of the backbone's maps, finest first.
        width: channels of the result.
        act: activation of the separable convolutions.
        norm: batch norm in them.
        learned_up: the size is doubled by transposed convolutions; else by interpolation.
    """

    def __init__(
        self,
        taps: Sequence[int],
        width: int,
        *,
        act: type[nn.Module] = nn.ReLU6,
        norm: bool = False,
        learned_up: bool = False,
    ) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(
            SeparableConv(channels, width, act=act, norm=norm) for channels in taps
        )
        self.ups = nn.ModuleList(doubling(width) if learned_up else Upsample() for _ in taps[1:])

    def forward(self, taps: Sequence[Tensor]) -> Tensor:
        """Maps (B, C, s, s) with s = 64, 32, 16, 8 -> (B, width, 64, 64)."""
        *finer, x = (lateral(tap) for lateral, tap in zip(self.laterals, taps, strict=True))
        for up, lateral in zip(self.ups, reversed(finer), strict=True):
            x = up(x) + lateral
        return x


class Descent(nn.Module):
    """From the decoder's map down to 8x8, at each size plus the backbone's map of that size.

    Args:
        inputs: channels of the decoder's map.
        taps: channels of the backbone's maps of 32x32, 16x16 and 8x8.
        rows: one per map.
        act: activation of all blocks.
        norm: batch norm in them.
    """

    def __init__(
        self,
        inputs: int,
        taps: Sequence[int],
        rows: Sequence[Stage],
        *,
        act: type[nn.Module] = nn.ReLU6,
        norm: bool = False,
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages(inputs, rows, act=act, norm=norm))
        self.laterals = nn.ModuleList(
            SeparableConv(channels, width, act=act, norm=norm)
            for channels, (width, _) in zip(taps, rows, strict=True)
        )

    def forward(self, x: Tensor, taps: Sequence[Tensor]) -> Tensor:
        """The decoder's (B, C, 64, 64) and three maps of the backbone -> (B, C, 8, 8)."""
        for stage, lateral, tap in zip(self.stages, self.laterals, taps, strict=True):
            x = stage(x) + lateral(tap)
        return x


def doubling(width: int) -> nn.ConvTranspose2d:
    """A transposed convolution that, fresh, repeats every pixel as 2x2."""
    up = nn.ConvTranspose2d(width, width, 2, 2, bias=False)
    with torch.no_grad():
        up.weight.copy_(torch.eye(width)[:, :, None, None].expand(-1, -1, 2, 2))
    return up


def stages(
    inputs: int,
    rows: Sequence[Stage],
    *,
    act: type[nn.Module] = nn.ReLU6,
    norm: bool = False,
) -> Iterator[nn.Sequential]:
    """Stages of residual blocks; the first block of each halves the size."""
    for width, blocks in rows:
        yield nn.Sequential(
            BlazeBlock(inputs, width, stride=2, act=act, norm=norm),
            *(BlazeBlock(width, width, act=act, norm=norm) for _ in range(blocks)),
        )
        inputs = width
