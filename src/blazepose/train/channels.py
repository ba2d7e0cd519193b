"""Steps in proportion to each channel's weights, for networks whose batch norm is folded away.

Folding multiplies every output channel of a convolution by a scale of its own; in the released
Full network the sizes of the channels of one layer differ by up to a factor of 2500. An optimizer
that moves all weights by the same step would overrun the small ones. So the optimizer is shown
weights of size 1 and the network gets them times their channel's size: what the batch norm did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize

_LEAST = 1e-4


class _Scaled(nn.Module):
    """A parameter as its scale times what is learned."""

    scale: Tensor

    def __init__(self, scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("scale", scale)

    def forward(self, learned: Tensor) -> Tensor:
        """What is learned -> the parameter."""
        return learned * self.scale

    def right_inverse(self, parameter: Tensor) -> Tensor:
        """The parameter -> what is learned."""
        return parameter / self.scale


def scale_channels(network: nn.Module) -> None:
    """Let the convolutions without batch norm learn weights in parts of their channel's size."""
    for conv in list(_bare_convolutions(network)):
        weight = conv.weight.detach().flatten(1)  # (outputs, inputs * kernel)
        size = weight.square().mean(1).sqrt().clamp(min=_LEAST)
        norm = weight.square().sum(1).sqrt().clamp(min=_LEAST)  # what inputs of size 1 give
        parametrize.register_parametrization(conv, "weight", _Scaled(size[:, None, None, None]))
        if conv.bias is not None:
            parametrize.register_parametrization(conv, "bias", _Scaled(norm))


def plain_state(network: nn.Module, names: Iterable[str]) -> dict[str, Tensor]:
    """The weights of a network, scaled channels or not, under the names that they had before."""
    state = {}
    for name in names:
        path, _, leaf = name.rpartition(".")
        state[name] = getattr(network.get_submodule(path), leaf).detach()
    return state


def load_plain_state(network: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Give a network, scaled channels or not, weights as `plain_state` returns them."""
    with torch.no_grad():
        for name, value in state.items():
            path, _, leaf = name.rpartition(".")
            module = network.get_submodule(path)
            if parametrize.is_parametrized(module, leaf):
                setattr(module, leaf, value)  # through the scale's inverse
            else:
                getattr(module, leaf).copy_(value)


def _bare_convolutions(network: nn.Module) -> Iterator[nn.Conv2d]:
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d) and module.bias is not None:
                yield module
