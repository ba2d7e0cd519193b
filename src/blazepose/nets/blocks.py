"""Building blocks: convolution with activation, separable, residual and inverted residual blocks.

All of them take and give (B, C, H, W) float32. Submodules stand in the order in which they run.
"""

from __future__ import annotations

import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

Activation = type[nn.Module] | None


class Conv(nn.Module):
    """Convolution, then batch norm if `norm`, then activation.

    A stride of 2 halves an even size. Two ways of padding are in use and differ by a pixel:
    `same=False` pads every side by kernel // 2; `same=True` does what TensorFlow calls SAME, which
    for a stride of 2 pads one pixel less at the top and left.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel: side of the window in px.
        stride: 1 or 2.
        groups: as in `nn.Conv2d`; `inputs` for a depthwise convolution.
        act: class of the activation, None for none.
        norm: batch norm in place of a bias.
        same: see above.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 1,
        *,
        stride: int = 1,
        groups: int = 1,
        act: Activation = None,
        norm: bool = False,
        same: bool = False,
    ) -> None:
        super().__init__()
        side = kernel // 2
        uneven = same and stride == 2
        self.pad = nn.ZeroPad2d((side - 1, side, side - 1, side)) if uneven else nn.Identity()
        self.conv = nn.Conv2d(
            inputs,
            outputs,
            kernel,
            stride,
            padding=0 if uneven else side,
            groups=groups,
            bias=not norm,
        )
        self.norm = nn.BatchNorm2d(outputs) if norm else nn.Identity()
        self.act = act() if act else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        y: Tensor = self.act(self.norm(self.conv(self.pad(x))))
        return y


class SeparableConv(nn.Module):
    """Depthwise 3x3, then pointwise 1x1, each with its activation.

    Args:
        inputs: channels in.
        outputs: channels out.
        stride: 1 or 2, of the depthwise convolution.
        act: class of the activations.
        inner: whether there is one between the two, too.
        norm: batch norm in place of biases.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        stride: int = 1,
        act: type[nn.Module] = nn.ReLU6,
        inner: bool = True,
        norm: bool = False,
    ) -> None:
        super().__init__()
        self.depthwise = Conv(
            *(inputs, inputs, 3),
            stride=stride,
            groups=inputs,
            act=act if inner else None,
            norm=norm,
            same=True,
        )
        self.pointwise = Conv(inputs, outputs, act=act, norm=norm)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        y: Tensor = self.pointwise(self.depthwise(x))
        return y


class BlazeBlock(SeparableConv):
    """Separable convolution with a residual path (BlazeFace, arXiv 1907.05047, figure 1).

    The residual path takes the maximum of 2x2 pixels where the block has stride 2, and is filled
    up with zero channels where the block widens. The last activation comes after the sum.

    Args:
        inputs: channels in.
        outputs: channels out, at least `inputs`.
        stride: 1 or 2.
        act: class of the activations.
        inner: whether there is one between depthwise and pointwise convolution, too.
        norm: batch norm in place of biases.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        stride: int = 1,
        act: type[nn.Module] = nn.ReLU6,
        inner: bool = True,
        norm: bool = False,
    ) -> None:
        super().__init__(inputs, outputs, stride=stride, act=act, inner=inner, norm=norm)
        self.pointwise = Conv(inputs, outputs, norm=norm)
        self.pool = nn.MaxPool2d(2) if stride == 2 else nn.Identity()
        self.more_channels = outputs - inputs
        self.act = act()

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        skip = self.pool(x)
        if self.more_channels:
            skip = F.pad(skip, (0, 0, 0, 0, 0, self.more_channels))
        y: Tensor = self.act(skip + super().forward(x))
        return y


class InvertedResidual(nn.Module):
    """Widen 1x1, depthwise, project 1x1 without activation (MobileNetV2, arXiv 1801.04381).

    The input is added where it has the shape of the output.

    Args:
        inputs: channels in.
        outputs: channels out.
        kernel: side of the depthwise window.
        stride: 1 or 2.
        expansion: the inner width is this times `inputs`.
    """

    def __init__(
        self, inputs: int, outputs: int, kernel: int, *, stride: int, expansion: int
    ) -> None:
        super().__init__()
        inner = inputs * expansion
        self.expand = Conv(inputs, inner, act=nn.ReLU6)
        self.depthwise = Conv(inner, inner, kernel, stride=stride, groups=inner, act=nn.ReLU6)
        self.project = Conv(inner, outputs)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H / stride, W / stride)."""
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return y + x if self.residual else y


class Upsample(nn.Module):
    """Twice the size, bilinear between pixel centres."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, 2H, 2W)."""
        return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def biased(conv: nn.Conv2d, start: float) -> nn.Conv2d:
    """The convolution, with its bias starting at `start`."""
    assert conv.bias is not None
    nn.init.constant_(conv.bias, start)
    return conv
