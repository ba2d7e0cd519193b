"""The person finder: a dense map that says, at the middle of each person, where all of them is.

The sports study's centre heatmap on the trunk of the Lite landmark network, whose released weights
know bodies already: each cell gives a score, the person's box, and the points that make the
landmark network's region.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch
from torch import Tensor, nn

from blazepose.nets.backbone import Backbone
from blazepose.nets.blocks import BlazeBlock, SeparableConv, biased
from blazepose.nets.landmark import LITE
from blazepose.nets.network import ImageNetwork
from blazepose.nets.pyramid import Decoder

STRIDE = 8
"""Pixels of the image from cell to cell."""

POINTS = 3
"""Mid-hip, rim of the circle round the body above the head, mid-shoulder."""

_WIDTH = 64
_UNIT = 32.0  # px, from the cell to a side of a fresh network's box
_RARE = -4.0  # logit: most cells are nobody's middle
_MOST = 4.0  # log of the longest way to a side, in units


class Finder(ImageNetwork):
    """Finds people whole: heads may be hidden, turned away or upside down."""

    size, mean, std = 256, 0.0, 255.0
    outputs = ("scores", "boxes", "points")

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Backbone(LITE.backbone)
        self.decoder = Decoder(LITE.backbone.taps[1:], LITE.decoder)
        self.neck = nn.Sequential(
            SeparableConv(LITE.decoder, _WIDTH, stride=2, norm=True),
            *(BlazeBlock(_WIDTH, _WIDTH, norm=True) for _ in range(3)),
        )
        self.score = biased(nn.Conv2d(_WIDTH, 1, 1), _RARE)
        self.box = nn.Conv2d(_WIDTH, 4, 1)
        self.point = nn.Conv2d(_WIDTH, 2 * POINTS, 1)

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, S, S) RGB, 0..1; S a multiple of 32.
            outputs: which to compute; None: all.

        Returns:
            Of A = (S / 8)^2 cells, row by row: scores (B, A, 1) logits that it is somebody's
            middle; boxes (B, A, 4) xyxy and points (B, A, 6), x and y of `POINTS`, px.
        """
        x = self.neck(self.decoder(self.backbone(image)[1:]))
        middles = centres(image.shape[-1]).to(x)
        sides = _UNIT * _cells(self.box(x)).clamp(-_MOST, _MOST).exp()  # left, top, right, bottom
        reach = (sides[..., :2] + sides[..., 2:]).amax(-1, keepdim=True).detach()
        made: dict[str, Callable[[], Tensor]] = {
            "scores": lambda: _cells(self.score(x)),
            "boxes": lambda: torch.cat([middles - sides[..., :2], middles + sides[..., 2:]], -1),
            "points": lambda: middles.repeat(1, POINTS) + reach * _cells(self.point(x)),
        }
        return {name: make() for name, make in made.items() if self.wants(name, outputs)}


def centres(size: int) -> Tensor:
    """Middles of the cells, px, row by row: (A, 2) of x and y."""
    along = (torch.arange(size // STRIDE, dtype=torch.float32) + 0.5) * STRIDE
    y, x = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)


def _cells(x: Tensor) -> Tensor:
    """(B, C, s, s) -> (B, s * s, C)."""
    return x.flatten(2).transpose(1, 2)
