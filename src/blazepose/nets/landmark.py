"""The landmark networks of the 2021 release: Lite, Full and Heavy are rows of sizes.

image -> backbone -> decoder -> heatmap
             |          |---------> mask
             |          v (Heavy only)
             '--> regression encoder -> landmarks, presence, world
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from blazepose.nets.backbone import Backbone, BackboneSizes
from blazepose.nets.blocks import BlazeBlock, Conv, SeparableConv, Upsample
from blazepose.nets.network import ImageNetwork
from blazepose.nets.pyramid import Decoder, Descent, stages

OUTPUTS = ("landmarks", "presence", "mask", "heatmap", "world")
"""What the network can compute, in the order of the released files."""

COLUMNS = 5
"""Of a landmark: x, y, z, visibility, presence."""

RELEASED_POINTS = 39
"""33 body points, two auxiliary ones that carry the next ROI, four without a use."""

_MASK_WIDTH = 8


@dataclass(frozen=True)
class LandmarkSizes:
    """A row of the table of networks.

    Attributes:
        backbone: of the feature extractor.
        decoder: channels of the decoder.
        encoder: (channels, residual blocks) of the regression encoder's stages 8x8 -> 4x4 -> 2x2.
        descent: the same for 64x64 -> 32x32 -> 16x16 -> 8x8, where the regression starts at the
            decoder's map (Heavy); () where it starts at the backbone's last one.
    """

    backbone: BackboneSizes
    decoder: int
    encoder: tuple[tuple[int, int], ...]
    descent: tuple[tuple[int, int], ...] = ()


LITE = LandmarkSizes(
    BackboneSizes((8, 16, 24, 40, 56, 96), (2, 2, 3, 3, 4)),
    decoder=32,
    encoder=((192, 2), (192, 3)),
)
FULL = LandmarkSizes(
    BackboneSizes((16, 24, 32, 64, 88, 144), (2, 2, 3, 3, 4)),
    decoder=48,
    encoder=((288, 4), (288, 5)),
)
HEAVY = LandmarkSizes(
    BackboneSizes((24, 32, 56, 112, 160, 272), (4, 4, 6, 6, 8)),
    decoder=48,
    encoder=((288, 7), (288, 7)),
    descent=((96, 6), (192, 7), (288, 7)),
)


class LandmarkNet(ImageNetwork):
    """Landmarks of the person whose crop is given, with the person's mask and heatmaps.

    Args:
        sizes: LITE, FULL, HEAVY or a row of your own.
        points: number of landmarks K.
    """

    size, mean, std = 256, 0.0, 255.0
    outputs = OUTPUTS

    def __init__(self, sizes: LandmarkSizes, points: int = RELEASED_POINTS) -> None:
        super().__init__()
        taps, width = sizes.backbone.taps, sizes.encoder[0][0]
        self.points = points
        self.backbone = Backbone(sizes.backbone)
        self.decoder = Decoder(taps[1:], sizes.decoder)
        self.bridge = (
            Descent(sizes.decoder, taps[2:], sizes.descent)
            if sizes.descent
            else Shortcut(taps[-1], width)
        )
        self.encoder = nn.Sequential(*stages(width, sizes.encoder))
        self.landmarks = nn.Conv2d(width, points * COLUMNS, 2)
        assert self.landmarks.bias is not None
        with torch.no_grad():  # fresh points begin in the middle of the crop
            self.landmarks.bias.view(points, COLUMNS)[:, :2] = self.size / 2
        self.presence = nn.Conv2d(width, 1, 2)
        self.mask = MaskHead(sizes.decoder, taps[0])
        self.heatmap = nn.Conv2d(sizes.decoder, points, 1)
        self.world = nn.Conv2d(width, points * 3, 2)

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, 256, 256) RGB, 0..1.
            outputs: which of `OUTPUTS` to compute; None: all.

        Returns:
            Those of

            * landmarks (B, K, 5): x, y, z in pixels of the crop (0..256; z 0 at mid-hip, negative
              toward the camera), visibility and presence as logits,
            * presence (B, 1): probability that a person is in the crop,
            * mask (B, 1, 256, 256): logits that a pixel belongs to the person,
            * heatmap (B, K, 64, 64): logits,
            * world (B, K, 3): metres, origin mid-hip.
        """
        taps = self.backbone(image)
        decoded = self.decoder(taps[1:])  # (B, C, 64, 64)
        features = cache(lambda: self.encoder(self.bridge(decoded, taps[2:])))  # (B, C, 2, 2)
        heads: dict[str, Callable[[], Tensor]] = {
            "landmarks": lambda: self.landmarks(features()).reshape(-1, self.points, COLUMNS),
            "presence": lambda: self.presence(features()).sigmoid().flatten(1),
            "mask": lambda: self.mask(decoded, taps[0]),
            "heatmap": lambda: self.heatmap(decoded),
            "world": lambda: self.world(features()).reshape(-1, self.points, 3),
        }
        return {name: head() for name, head in heads.items() if self.wants(name, outputs)}


class Shortcut(nn.Module):
    """The backbone's 8x8 map at the width of the regression encoder (Lite, Full)."""

    def __init__(self, tap: int, width: int) -> None:
        super().__init__()
        self.lateral = SeparableConv(tap, width)

    def forward(self, decoded: Tensor, taps: tuple[Tensor, ...]) -> Tensor:
        """The last of the backbone's maps -> (B, width, 8, 8)."""
        y: Tensor = self.lateral(taps[-1])
        return y


class MaskHead(nn.Module):
    """From the decoder's 64x64 map up to a mask of the image's size."""

    def __init__(self, decoder: int, half: int) -> None:
        super().__init__()
        self.up = Upsample()
        self.reduce = SeparableConv(decoder, _MASK_WIDTH)
        block = BlazeBlock if half == _MASK_WIDTH else SeparableConv
        self.lateral = block(half, _MASK_WIDTH)
        self.at128 = nn.Sequential(*(BlazeBlock(_MASK_WIDTH, _MASK_WIDTH) for _ in range(2)))
        self.at256 = nn.Sequential(*(BlazeBlock(_MASK_WIDTH, _MASK_WIDTH) for _ in range(2)))
        self.mask = Conv(_MASK_WIDTH, 1, 3)

    def forward(self, decoded: Tensor, half: Tensor) -> Tensor:
        """(B, decoder, 64, 64) and the stem's (B, half, 128, 128) -> (B, 1, 256, 256) logits."""
        x = self.at128(self.up(self.reduce(decoded)) + self.lateral(half))
        y: Tensor = self.mask(self.at256(self.up(x)))
        return y
