"""The person detector of the pose pipeline and the BlazeFace short-range face detector.

Both are single-shot detectors: each cell of a feature map says how its two (or six) anchors have
to move to fit a face, and how sure it is. Decoding and suppression are not done here.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn

from blazepose.nets.backbone import Backbone, BackboneSizes
from blazepose.nets.blocks import BlazeBlock, Conv, SeparableConv, Upsample
from blazepose.nets.network import ImageNetwork

OUTPUTS = ("boxes", "scores")
"""What a detector computes, in the order of the released files."""

_PERSON = BackboneSizes((16, 24, 40, 80, 112, 192), (2, 2, 3, 3, 4))
_FPN = (96, 192)  # channels of the pyramid at strides 8 and 16
_FACE = ((24, 1), (28, 1), (32, 2), (36, 1), (42, 1), (48, 2), (56, 1), (64, 1), (72, 1), (80, 1))
_FACE_FINE = (*_FACE, (88, 1))  # (channels, stride) down to 16x16
_FACE_COARSE = ((96, 2), (96, 1), (96, 1), (96, 1), (96, 1))


class PersonDetector(ImageNetwork):
    """Finds faces, and with each the person's mid-hip, mid-shoulder and two circles.

    2254 anchors: 28x28 cells with two, 14x14 with two and 7x7 with six.
    """

    size, mean, std = 224, 127.5, 127.5
    outputs = OUTPUTS
    values = 12  # per box: centre x, y, width, height, four points

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone(_PERSON)
        _, _, eighth, sixteenth, last = _PERSON.taps
        self.pyramid16 = PyramidLevel(sixteenth, last, _FPN[1])
        self.pyramid8 = PyramidLevel(eighth, _FPN[1], _FPN[0])
        cells = ((_FPN[0] // 4, 2), (_FPN[1] // 4, 2), (last // 4, 6))  # (channels, anchors)
        self.boxes = nn.ModuleList(AnchorHead(*cell, values=self.values) for cell in cells)
        self.scores = nn.ModuleList(AnchorHead(*cell, values=1) for cell in cells)

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, 224, 224) RGB, -1..1.
            outputs: which of `OUTPUTS` to compute; None: both.

        Returns:
            boxes (B, 2254, 12): per anchor the offset of the centre, size, and offsets of four
            points, all in pixels; scores (B, 2254, 1): logits.
        """
        _, _, eighth, sixteenth, coarse = self.backbone(image)
        middle = self.pyramid16(sixteenth, coarse)
        fine = self.pyramid8(eighth, middle)
        maps = [depth_to_space(x) for x in (fine, middle, coarse)]
        heads = {"boxes": self.boxes, "scores": self.scores}
        return {
            name: torch.cat([head(x) for head, x in zip(levels, maps, strict=True)], 1)
            for name, levels in heads.items()
            if self.wants(name, outputs)
        }


class PyramidLevel(nn.Module):
    """A map of the backbone plus the coarser level, then two residual blocks."""

    def __init__(self, tap: int, coarser: int, width: int) -> None:
        super().__init__()
        self.lateral = SeparableConv(tap, width, inner=False)
        self.up = Upsample()
        self.shrink = Conv(coarser, width, act=nn.ReLU6)
        self.blocks = nn.Sequential(*(BlazeBlock(width, width, inner=False) for _ in range(2)))

    def forward(self, tap: Tensor, coarser: Tensor) -> Tensor:
        """(B, tap, 2s, 2s) and (B, coarser, s, s) -> (B, width, 2s, 2s)."""
        y: Tensor = self.blocks(self.lateral(tap) + self.shrink(self.up(coarser)))
        return y


class AnchorHead(nn.Module):
    """Values of the anchors at each cell of a map, which comes in twice the size."""

    def __init__(self, channels: int, anchors: int, *, values: int) -> None:
        super().__init__()
        self.depthwise = Conv(channels, channels, 3, stride=2, groups=channels)
        self.pointwise = Conv(channels, anchors * values)
        self.values = values

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, 2s, 2s) -> (B, s * s * anchors, values)."""
        return per_anchor(self.pointwise(self.depthwise(x)), self.values)


class FaceDetector(ImageNetwork):
    """BlazeFace, short range (arXiv 1907.05047): 16x16 cells with two anchors, 8x8 with six."""

    size, mean, std = 128, 127.5, 127.5
    outputs = OUTPUTS
    values = 16  # per box: centre x, y, width, height, six points

    def __init__(self) -> None:
        super().__init__()
        stem = Conv(3, 24, 5, stride=2, act=nn.ReLU, same=True)
        self.fine = nn.Sequential(stem, *_face_blocks(24, _FACE_FINE))
        self.coarse = nn.Sequential(*_face_blocks(88, _FACE_COARSE))
        cells = ((88, 2), (96, 6))  # (channels, anchors)
        self.boxes = nn.ModuleList(Conv(c, anchors * self.values) for c, anchors in cells)
        self.scores = nn.ModuleList(Conv(c, anchors) for c, anchors in cells)

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, 128, 128) RGB, -1..1.
            outputs: which of `OUTPUTS` to compute; None: both.

        Returns:
            boxes (B, 896, 16): per anchor the offset of the centre, size, and offsets of six
            points (eyes, nose, mouth, ears), all in pixels; scores (B, 896, 1): logits.
        """
        fine = self.fine(image)
        coarse = self.coarse(fine)
        heads = {"boxes": (self.boxes, self.values), "scores": (self.scores, 1)}
        return {
            name: torch.cat(
                [
                    per_anchor(head(x), values)
                    for head, x in zip(levels, (fine, coarse), strict=True)
                ],
                1,
            )
            for name, (levels, values) in heads.items()
            if self.wants(name, outputs)
        }


def depth_to_space(x: Tensor) -> Tensor:
    """(B, 4C, H, W) -> (B, C, 2H, 2W); channel (2 * row + column) * C + c goes to that pixel.

    `nn.PixelShuffle` orders the channels the other way round.
    """
    batch, channels, height, width = x.shape
    blocks = x.reshape(batch, 2, 2, channels // 4, height, width)
    return blocks.permute(0, 3, 4, 1, 5, 2).reshape(batch, channels // 4, 2 * height, 2 * width)


def per_anchor(x: Tensor, values: int) -> Tensor:
    """(B, anchors * values, s, s) -> (B, s * s * anchors, values), row by row."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, values)


def _face_blocks(inputs: int, rows: tuple[tuple[int, int], ...]) -> list[BlazeBlock]:
    widths = [inputs, *(width for width, _ in rows)]
    return [
        BlazeBlock(before, width, stride=stride, inner=False, act=nn.ReLU)
        for before, (width, stride) in zip(widths, rows, strict=False)
    ]
