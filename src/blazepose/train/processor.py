"""Training on a CPU at twice the speed: memory that is kept, and depthwise gradients in float32.

Neither changes what is computed. A step frees and asks for hundreds of megabytes, which the C
library gives back to the system each time unless told otherwise; and PyTorch's gradient of a
depthwise convolution is two to four times slower in bfloat16 than in float32.
docs/experiments.md has the numbers.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Collection
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_KEPT_BYTES = 2**31 - 1


def keep_memory() -> None:
    """Let glibc keep freed memory for the next step; does nothing on other systems."""
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library, such as musl
        return
    mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
    mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    mallopt(_M_TOP_PAD, 2**28)


def speed_up_depthwise(network: nn.Module) -> None:
    """Make the depthwise convolutions of a network compute their gradients in float32."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d) and module.groups == module.in_channels > 1:
            module.__class__ = _Depthwise


def keep_heads_exact(network: nn.Module, names: Collection[str]) -> None:
    """Make the last convolutions compute in float32, whatever the precision of the rest.

    A coordinate up to 256 px has steps of a pixel in bfloat16.

    Args:
        network: to change.
        names: of its direct children that are a convolution each; others are left as they are.
    """
    for name, module in network.named_children():
        if name in names and isinstance(module, nn.Conv2d):
            module.__class__ = _Exact


class _Exact(nn.Conv2d):
    """A convolution in float32."""

    def forward(self, input: Tensor) -> Tensor:
        with torch.autocast(input.device.type, enabled=False):
            return super().forward(input.float())


class _Depthwise(nn.Conv2d):
    """A convolution with the gradient of `_DepthwiseFunction`; same parameters, same names."""

    def forward(self, input: Tensor) -> Tensor:
        if input.device.type != "cpu":
            return super().forward(input)
        if torch.is_autocast_enabled("cpu"):
            input = input.to(torch.get_autocast_dtype("cpu"))
        if input.dtype == torch.float32:
            return super().forward(input)
        y: Tensor = _DepthwiseFunction.apply(  # type: ignore[no-untyped-call]
            input, self.weight, self.bias, self.stride, self.padding, self.groups
        )
        return y


class _DepthwiseFunction(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        input: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        stride: tuple[int, int],
        padding: tuple[int, int],
        groups: int,
    ) -> Tensor:
        ctx.save_for_backward(input, weight)
        ctx.options = (stride, padding, groups)
        half_bias = None if bias is None else bias.to(input.dtype)
        return F.conv2d(input, weight.to(input.dtype), half_bias, stride, padding, 1, groups)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        input, weight = ctx.saved_tensors
        stride, padding, groups = ctx.options
        to_input, to_weight, to_bias = torch.ops.aten.convolution_backward(
            *(grad.float(), input.float(), weight, [weight.shape[0]]),
            *(list(stride), list(padding), [1, 1], False, [0, 0], groups),
            ctx.needs_input_grad[:3],
        )
        to_input = None if to_input is None else to_input.to(input.dtype)
        return to_input, to_weight, to_bias, None, None, None
