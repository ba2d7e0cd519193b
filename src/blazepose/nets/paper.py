"""The network of the BlazePose paper (arXiv 2006.10204, figure 4), and variants of it.

    image -> conv1..conv6 -> conv7..conv9 -> conv10 -> conv11: heatmap, offsets (training only)
                 |               |
                 '-- stop-gradient --> conv12..conv15 -> coordinates, visibility

Sizes as in the LSP study's description of it. The heads of the first branch teach the features;
the regression reads these but does not change them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import torch
from torch import Tensor, nn

from blazepose.nets.attention import Cbam, PatchAttention
from blazepose.nets.blocks import BlazeBlock, Conv, SeparableConv, Upsample, biased
from blazepose.nets.network import ImageNetwork
from blazepose.nets.pyramid import Decoder, Descent, stages

_NORMED_RELU: dict[str, Any] = {"act": nn.ReLU, "norm": True}
_DECODER, _FINE = 48, 8  # channels at 64x64 and at 128x128
_DESCENT = (96, 192, 288)

# What makes training from fresh weights quick; docs/experiments.md has the numbers.
_RARE = -5.0  # logit: a heatmap's Gaussian covers 0.6 % of it
_STEP = 16.0  # px of the crop for a change of 1 in the head, so that one learning rate suits all


@dataclass(frozen=True)
class PaperSizes:
    """A row of the table of networks.

    Attributes:
        widths: channels of conv2 to conv6 (128x128 to 8x8).
        blocks: their numbers of blocks.
        encoder: residual blocks in each stage of conv12, conv13, conv14 and the two of conv15.
        attention: CBAM after conv3, conv5 and conv11; or a transformer from conv2 to conv9.
        fine_regression: the regression starts at conv10 (128x128) with two more blocks, and the
            decoder enlarges by transposed convolutions.
    """

    widths: tuple[int, int, int, int, int]
    blocks: tuple[int, int, int, int, int]
    encoder: tuple[int, int, int, int, int]
    attention: Literal["none", "cbam", "vit", "vit2"] = "none"
    fine_regression: bool = False


PAPER_FULL = PaperSizes((24, 48, 96, 192, 288), (2, 3, 4, 5, 6), (6, 7, 8, 7, 7))
PAPER_LITE = PaperSizes((24, 48, 96, 160, 192), (1, 2, 2, 3, 3), (1, 2, 2, 2, 2))


class PaperNet(ImageNetwork):
    """Landmarks by regression, on features that heatmaps and offsets have taught.

    Args:
        sizes: PAPER_FULL, PAPER_LITE or a variant.
        points: number of landmarks K.
    """

    size, mean, std = 256, 0.0, 255.0
    training_only = ("heatmap", "offsets")

    def __init__(self, sizes: PaperSizes, points: int) -> None:
        super().__init__()
        self.points, self.fine_regression = points, sizes.fine_regression
        self.outputs = ("landmarks", "presence", "heatmap", "offsets")
        self.trunk = EncoderDecoder(sizes)
        self.heatmap = nn.Sequential(
            biased(nn.Conv2d(_FINE, points, 3, padding=1), _RARE),
            Cbam(points) if sizes.attention == "cbam" else nn.Identity(),
        )
        self.offsets = nn.Conv2d(_FINE, 2 * points, 3, padding=1)
        self.regression = RegressionEncoder(sizes)
        self.coordinates = nn.Conv2d(_DESCENT[-1], 2 * points, 2)
        self.visibility = nn.Conv2d(_DESCENT[-1], points, 2)

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, 256, 256) RGB, 0..1.
            outputs: which of `self.outputs` to compute; None: all. The heads that only serve
                training are left out with ("landmarks", "presence").

        Returns:
            Those of

            * landmarks (B, K, 5): x, y in pixels of the crop (0..256), z (0: the paper's network
              is flat), visibility and presence as logits (the paper's network has one for both),
            * presence (B, 1): mean visibility, 0..1,
            * heatmap (B, K, 128, 128): logits,
            * offsets (B, 2K, 128, 128): from a pixel to each point, x and y, in heatmap pixels.
        """
        maps = self.trunk(image)
        fine = maps[0]  # (B, 8, 128, 128)
        start = fine if self.fine_regression else maps[1]
        features = cache(lambda: self.regression(start.detach(), [m.detach() for m in maps[2:]]))
        heads: dict[str, Callable[[], Tensor]] = {
            "landmarks": lambda: self._landmarks(features()),
            "presence": lambda: self._visibility(features()).sigmoid().mean(1),
            "heatmap": lambda: self.heatmap(fine),
            "offsets": lambda: self.offsets(fine),
        }
        return {name: heads[name]() for name in self.outputs if self.wants(name, outputs)}

    def _landmarks(self, features: Tensor) -> Tensor:
        xy = self.coordinates(features).reshape(-1, self.points, 2) * _STEP + self.size / 2
        seen = self._visibility(features)  # (B, K, 1)
        return torch.cat([xy, torch.zeros_like(seen), seen, seen], 2)

    def _visibility(self, features: Tensor) -> Tensor:
        y: Tensor = self.visibility(features).reshape(-1, self.points, 1)
        return y


class EncoderDecoder(nn.Module):
    """conv1 to conv10, with skip connections between all stages."""

    def __init__(self, sizes: PaperSizes) -> None:
        super().__init__()
        width, *widths = sizes.widths
        self.conv2 = nn.Sequential(
            Conv(3, width, 3, stride=2, act=nn.ReLU, norm=True, same=True),
            *(BlazeBlock(width, width, **_NORMED_RELU) for _ in range(sizes.blocks[0])),
        )
        rows = [(w, blocks - 1) for w, blocks in zip(widths, sizes.blocks[1:], strict=True)]
        self.conv3, self.conv4, self.conv5, self.conv6 = stages(width, rows, **_NORMED_RELU)
        cbam = sizes.attention == "cbam"
        self.attend3 = Cbam(widths[0]) if cbam else nn.Identity()
        self.attend5 = Cbam(widths[2]) if cbam else nn.Identity()
        self.decoder = Decoder(widths, _DECODER, learned_up=sizes.fine_regression, **_NORMED_RELU)
        self.transformer = (
            PatchAttention(width, _DECODER, learned=sizes.attention == "vit2")
            if sizes.attention.startswith("vit")
            else None
        )
        self.conv10a = nn.Sequential(SeparableConv(_DECODER, _FINE, **_NORMED_RELU), Upsample())
        self.conv10b = SeparableConv(width, _FINE, **_NORMED_RELU)

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Feature maps of an image.

        Args:
            image: (B, 3, 256, 256).

        Returns:
            conv10 (B, 8, 128, 128), conv9 (B, 48, 64, 64), and conv4, conv5, conv6 of the sizes
            32, 16 and 8.
        """
        y2 = self.conv2(image)
        y3 = self.attend3(self.conv3(y2))
        y4 = self.conv4(y3)
        y5 = self.attend5(self.conv5(y4))
        y6 = self.conv6(y5)
        y9 = self.decoder((y3, y4, y5, y6))
        if self.transformer is not None:
            y9 = y9 + self.transformer(y2)
        return self.conv10a(y9) + self.conv10b(y2), y9, y4, y5, y6


class RegressionEncoder(nn.Module):
    """conv12 to conv15: down to 2x2, at each size plus the encoder's map of that size."""

    def __init__(self, sizes: PaperSizes) -> None:
        super().__init__()
        *descent, first, second = sizes.encoder
        fine = sizes.fine_regression
        self.enter = (
            nn.Sequential(*stages(_FINE, [(_DECODER, 1)], **_NORMED_RELU))
            if fine
            else nn.Identity()
        )
        rows = list(zip(_DESCENT, descent, strict=True))
        self.descent = Descent(_DECODER, sizes.widths[2:], rows, **_NORMED_RELU)
        last = _DESCENT[-1]
        self.conv15 = nn.Sequential(*stages(last, [(last, first), (last, second)], **_NORMED_RELU))
        self.norm: nn.Module = nn.BatchNorm2d(last)  # residual sums grow with every block

    def forward(self, start: Tensor, taps: Sequence[Tensor]) -> Tensor:
        """conv9 (or conv10) and conv4, conv5, conv6 -> (B, 288, 2, 2)."""
        y: Tensor = self.norm(self.conv15(self.descent(self.enter(start), taps)))
        return y
