"""The backbone that the released landmark networks and the released person detector share.

An EfficientNet without its squeeze blocks: five stages of inverted residuals, kernels 3, 5, 3, 5,
5. Read off the operator lists of the released files.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from blazepose.nets.blocks import Conv, InvertedResidual

_STEM = 24
_KERNELS = (3, 5, 3, 5, 5)
_STRIDES = (2, 2, 2, 1, 2)


@dataclass(frozen=True)
class BackboneSizes:
    """Width and depth of a backbone.

    Attributes:
        widths: channels after the stem and after each of the five stages.
        repeats: blocks in each of the five stages.
    """

    widths: tuple[int, int, int, int, int, int]
    repeats: tuple[int, int, int, int, int]

    @property
    def taps(self) -> tuple[int, int, int, int, int]:
        """Channels of the feature maps that `Backbone` gives."""
        stem, quarter, eighth, _, sixteenth, last = self.widths
        return stem, quarter, eighth, sixteenth, last * 6


class Backbone(nn.Module):
    """Feature maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of the image's size."""

    def __init__(self, sizes: BackboneSizes) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            Conv(3, _STEM, 3, stride=2, act=nn.ReLU6),
            Conv(_STEM, _STEM, 3, groups=_STEM, act=nn.ReLU6),
            Conv(_STEM, sizes.widths[0]),
        )
        self.stages = nn.ModuleList(_stage(sizes, number) for number in range(5))
        last, top = sizes.widths[-1], sizes.taps[-1]
        self.top = nn.Sequential(
            Conv(last, top, act=nn.ReLU6), Conv(top, top, 3, groups=top, act=nn.ReLU6)
        )

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Feature maps of an image.

        Args:
            image: (B, 3, S, S), S a multiple of 32.

        Returns:
            Five maps (B, C, s, s) with s = S/2, S/4, S/8, S/16, S/32 and C as in
            `BackboneSizes.taps`.
        """
        half = self.stem(image)
        quarter = self.stages[0](half)
        eighth = self.stages[1](quarter)
        sixteenth = self.stages[3](self.stages[2](eighth))
        return half, quarter, eighth, sixteenth, self.top(self.stages[4](sixteenth))


def _stage(sizes: BackboneSizes, number: int) -> nn.Sequential:
    """Blocks that widen six times inside; the first half of stage 0 only four times."""
    inputs, outputs, repeats = *sizes.widths[number : number + 2], sizes.repeats[number]
    return nn.Sequential(
        *(
            InvertedResidual(
                inputs if block == 0 else outputs,
                outputs,
                _KERNELS[number],
                stride=_STRIDES[number] if block == 0 else 1,
                expansion=4 if number == 0 and block < repeats // 2 else 6,
            )
            for block in range(repeats)
        )
    )
