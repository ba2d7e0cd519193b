"""A network without detector and crops: where the people are, and their points seen from there.

The two dense outputs that the sports study describes, on the paper's encoder-decoder.
"""

from __future__ import annotations

from collections.abc import Collection

from torch import Tensor, nn

from blazepose.nets.blocks import biased
from blazepose.nets.network import ImageNetwork
from blazepose.nets.paper import EncoderDecoder, PaperSizes

_WIDTH = 48  # channels of conv9
_RARE = -4.0  # logit: most places are no centre


class CenterNet(ImageNetwork):
    """Centres of people and, at each place, their points relative to it.

    Args:
        sizes: of the encoder-decoder; those of the regression encoder are not used.
        points: number of points K.
    """

    size, mean, std = 256, 0.0, 255.0
    outputs = ("center", "keypoints")

    def __init__(self, sizes: PaperSizes, points: int) -> None:
        super().__init__()
        self.trunk = EncoderDecoder(sizes)
        self.center = biased(nn.Conv2d(_WIDTH, 1, 1), _RARE)
        self.keypoints = nn.Conv2d(_WIDTH, 2 * points, 1)

    def forward(self, image: Tensor, outputs: Collection[str] | None = None) -> dict[str, Tensor]:
        """Run the network.

        Args:
            image: (B, 3, S, S) RGB, 0..1; S a multiple of 32.
            outputs: which to compute; None: both.

        Returns:
            center (B, 1, S/4, S/4): logits that a person's centre is there; keypoints
            (B, 2K, S/4, S/4): x and y of each point, in map pixels from that place.
        """
        conv9 = self.trunk(image)[1]
        heads = {"center": self.center, "keypoints": self.keypoints}
        return {name: head(conv9) for name, head in heads.items() if self.wants(name, outputs)}
