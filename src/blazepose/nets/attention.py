"""Attention blocks of the variants: CBAM, and two vision transformers over a feature map.

They follow the descriptions in the LSP study (section 2 of its method); none is in a released
network.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from blazepose.nets.blocks import Upsample, biased

_DEPTH = 128  # channels of a token
_HEADS = 4
_TOKENS = 8  # per side: a 64x64 map becomes 64 tokens
_PATCH = 8  # px, side of a patch
_OPEN = 4.0  # logit: fresh attention lets 98 % pass


class Cbam(nn.Module):
    """Convolutional block attention (arXiv 1807.06521): weigh channels, then places.

    Args:
        channels: in and out.
        reduction: of the channels between the two layers of the channel attention.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        inner = max(1, channels // reduction)
        self.channel = nn.Sequential(
            nn.Conv2d(channels, inner, 1),
            nn.ReLU(),
            biased(nn.Conv2d(inner, channels, 1), _OPEN / 2),  # counts twice
        )
        self.place = biased(nn.Conv2d(2, 1, 7, padding=3), _OPEN)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same."""
        mean, peak = x.mean((2, 3), keepdim=True), x.amax((2, 3), keepdim=True)
        x = x * (self.channel(mean) + self.channel(peak)).sigmoid()
        places = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)  # (B, 2, H, W)
        return x * self.place(places).sigmoid()


class TransformerBlock(nn.Module):
    """Self-attention and a two-layer perceptron, each with a residual path."""

    def __init__(self, depth: int = _DEPTH, heads: int = _HEADS) -> None:
        super().__init__()
        self.heads = heads
        self.norm_attention, self.norm_mlp = nn.LayerNorm(depth), nn.LayerNorm(depth)
        self.queries_keys_values = nn.Linear(depth, 3 * depth)
        self.project = nn.Linear(depth, depth)
        self.mlp = nn.Sequential(
            nn.Linear(depth, 2 * depth), nn.GELU(), nn.Linear(2 * depth, depth)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Tokens (B, T, depth) -> the same."""
        x = x + self.project(self._attend(self.norm_attention(x)))
        y: Tensor = x + self.mlp(self.norm_mlp(x))
        return y

    def _attend(self, x: Tensor) -> Tensor:
        batch, tokens, depth = x.shape
        parts = self.queries_keys_values(x).reshape(batch, tokens, 3, self.heads, -1)
        queries, keys, values = parts.permute(2, 0, 3, 1, 4).unbind()  # (B, heads, T, depth/heads)
        mixed = F.scaled_dot_product_attention(queries, keys, values)
        return mixed.transpose(1, 2).reshape(batch, tokens, depth)


class PatchAttention(nn.Module):
    """A transformer over patches of a 128x128 map, pooled to 64x64 (the study's ViT and ViT2).

    Args:
        inputs: channels in.
        outputs: channels out.
        learned: ViT2: patches are embedded, and the result is enlarged, by (transposed)
            convolutions; ViT: by a linear layer over pixels and bilinear interpolation.
        blocks: transformer blocks.
    """

    def __init__(self, inputs: int, outputs: int, *, learned: bool, blocks: int = 2) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        self.embed = (
            nn.Sequential(
                *(nn.Conv2d(inputs, _DEPTH, 3, 2, 1), nn.ReLU()),
                *(nn.Conv2d(_DEPTH, _DEPTH, 3, 2, 1), nn.ReLU()),
                nn.Conv2d(_DEPTH, _DEPTH, 3, 2, 1),
            )
            if learned
            else nn.Conv2d(inputs, _DEPTH, _PATCH, _PATCH)
        )
        self.position = nn.Parameter(torch.zeros(1, _TOKENS * _TOKENS, _DEPTH))
        self.blocks = nn.Sequential(*(TransformerBlock() for _ in range(blocks)))
        self.enlarge = nn.Sequential(
            *(nn.ConvTranspose2d(_DEPTH, _DEPTH, 2, 2) if learned else Upsample() for _ in range(3))
        )
        self.project = nn.Conv2d(_DEPTH, outputs, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, 128, 128) -> (B, outputs, 64, 64)."""
        patches = self.embed(self.pool(x))  # (B, depth, 8, 8)
        tokens = patches.flatten(2).transpose(1, 2) + self._position(*patches.shape[2:])
        y = self.blocks(tokens).transpose(1, 2)  # (B, depth, 64)
        enlarged = self.enlarge(y.reshape(patches.shape))
        result: Tensor = self.project(enlarged)
        return result

    def _position(self, rows: int, columns: int) -> Tensor:
        """(1, rows * columns, depth); resized where the image has another size than 256."""
        if (rows, columns) == (_TOKENS, _TOKENS):
            return self.position
        grid = self.position.transpose(1, 2).reshape(1, _DEPTH, _TOKENS, _TOKENS)
        resized = F.interpolate(grid, (rows, columns), mode="bilinear")
        return resized.flatten(2).transpose(1, 2)
