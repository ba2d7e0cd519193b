"""The layout of released files around a network: pictures in as cameras give them, flat rows out.

Every file that we write has it, so that MediaPipe and our own runtimes read ours like a released
one: input (B, S, S, 3), outputs in the released order; points flat, maps with channels last.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from blazepose.nets.blocks import Conv
from blazepose.nets.network import ImageNetwork
from blazepose.nets.paper import PaperNet

INPUT = "input_1"


class FileLayout(nn.Module):
    """A copy of a network, ready to be written: norms folded, training heads gone.

    Attributes:
        outputs: our names of what it gives, in order.
        names: the same as released files name them.
    """

    def __init__(self, network: ImageNetwork) -> None:
        super().__init__()
        self.network = _fold_norms(copy.deepcopy(network).cpu().eval())
        self.eval()
        self.outputs = tuple(o for o in network.outputs if o not in network.training_only)
        self.names = ("Identity", *(f"Identity_{i}" for i in range(1, len(self.outputs))))

    def forward(self, pixels: Tensor) -> tuple[Tensor, ...]:
        """Run the network.

        Args:
            pixels: (B, S, S, 3) RGB, in the range of the network.

        Returns:
            Points and numbers as (B, N); anchors as (B, A, N); maps as (B, H, W, C).
        """
        found = self.network(pixels.permute(0, 3, 1, 2), self.outputs)
        return tuple(released_form(name, found[name]) for name in self.outputs)

    def example(self, batch: int = 1) -> Tensor:
        """An input of the right shape: zeros (batch, S, S, 3)."""
        return torch.zeros(batch, self.network.size, self.network.size, 3)


def released_form(name: str, output: Tensor) -> Tensor:
    """One of a network's outputs, laid out as in released files; see `FileLayout.forward`."""
    if output.ndim == 4:
        return output.permute(0, 2, 3, 1)
    return output.flatten(1) if name in ("landmarks", "world") else output


def _fold_norms(network: ImageNetwork) -> ImageNetwork:
    """Batch norms become part of the convolutions before them; the last one, of those behind it."""
    for module in network.modules():
        if isinstance(module, Conv) and isinstance(module.norm, nn.BatchNorm2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()
    if isinstance(network, PaperNet) and isinstance(network.regression.norm, nn.BatchNorm2d):
        norm = network.regression.norm
        for head in (network.coordinates, network.visibility):
            _fold_ahead(norm, head)
        network.regression.norm = nn.Identity()
    return network


def _fold_ahead(norm: nn.BatchNorm2d, conv: nn.Conv2d) -> None:
    """A batch norm becomes part of the convolution, without padding, that follows it."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert conv.bias is not None
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()  # (C,)
    shift = norm.bias - norm.running_mean * scale
    with torch.no_grad():
        conv.bias += (conv.weight * shift[:, None, None]).sum((1, 2, 3))
        conv.weight *= scale[:, None, None]
