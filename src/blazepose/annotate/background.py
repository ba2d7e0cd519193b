"""What is put behind people: a colour, a picture, or the frame itself out of focus.

Works on pictures and masks alone. A mask comes from a crop of 256 px, so its edge is coarser than
the frame's: it is laid onto the edges that the frame has there before it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import cv2
import numpy as np
from PIL import ImageColor

from blazepose.errors import SourceError
from blazepose.shapes import Float32, UInt8
from blazepose.video import read_image

_BLUR = 0.02  # standard deviation, in parts of the frame's longer side
_COARSE = 4  # the blur is computed on a picture so many times smaller
_EDGE = 0.004  # radius in which a mask's edge is sought, in parts of the frame's longer side
_CONTRAST = 4e-3  # variance of brightness (0..1) below which there is no edge
_SURE = (0.35, 0.65)  # mask up to where nobody is, and from where on somebody is
_SOFT = (0.15, 0.9)  # the same of the softer mask that has found its edge


@dataclass(frozen=True, eq=False)
class Background:
    """What is put behind people.

    Attributes:
        picture: (H, W, 3) RGB of any size, which fills the frame, its middle in the middle; one
            pixel for a colour; None: the frame itself out of focus.
    """

    picture: UInt8[np.ndarray, "H W 3"] | None

    @classmethod
    def parse(cls, text: str) -> Background:
        """From "blur", a colour by name or as #RRGGBB, or the path of an image file.

        Raises:
            SourceError: none of these, or the file cannot be read.
        """
        if text == "blur":
            return cls(None)
        path = Path(text)
        if path.is_file() or path.suffix:
            return cls(read_image(path))
        try:
            return cls(np.array(ImageColor.getrgb(text)[:3], np.uint8).reshape(1, 1, 3))
        except (ValueError, OverflowError) as error:
            raise SourceError(
                "expected blur, a colour like white or #20a060, or an image file as background, "
                f"got {text!r}"
            ) from error

    def behind(
        self,
        image: UInt8[np.ndarray, "H W 3"],
        masks: Sequence[Float32[np.ndarray, "H W"]],
    ) -> UInt8[np.ndarray, "H W 3"]:
        """The image with this behind the people.

        Args:
            image: RGB.
            masks: 0..1 of each person; without any there is the background alone.
        """
        people = reduce(np.maximum, masks or [np.zeros(image.shape[:2], np.float32)])
        people = _on_edges(people, image)
        scene = _blurred(image, people) if self.picture is None else _filled(self.picture, image)
        mixed: np.ndarray = cv2.blendLinear(image, scene, people, 1 - people)
        return mixed


def _on_edges(
    mask: Float32[np.ndarray, "H W"], image: UInt8[np.ndarray, "H W 3"]
) -> Float32[np.ndarray, "H W"]:
    """A mask whose edge follows that of the image, and is soft; people themselves are solid.

    Source: He et al., Guided Image Filtering, ECCV 2010: in each window the mask is taken for a
    linear function of the brightness.
    """
    radius = max(round(_EDGE * max(mask.shape)), 1)
    edged = np.zeros_like(mask)
    # Elsewhere nobody is within the windows of two means.
    x, y, width, height = cv2.boundingRect((mask > _SURE[0]).astype(np.uint8))
    if width:
        rows = slice(max(y - 2 * radius, 0), y + height + 2 * radius)
        columns = slice(max(x - 2 * radius, 0), x + width + 2 * radius)
        edged[rows, columns] = _guided(mask[rows, columns], image[rows, columns], radius)
    return edged


def _guided(
    mask: Float32[np.ndarray, "H W"], image: UInt8[np.ndarray, "H W 3"], radius: int
) -> Float32[np.ndarray, "H W"]:
    mask, side = _stretched(mask, *_SURE), 2 * radius + 1
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255

    def mean(values: np.ndarray) -> np.ndarray:
        averaged: np.ndarray = cv2.blur(values, (side, side))
        return averaged

    mean_grey, mean_mask = mean(grey), mean(mask)
    slope = mean(grey * mask) - mean_grey * mean_mask
    slope /= mean(grey * grey) - mean_grey**2 + np.float32(_CONTRAST)
    guided = mean(slope) * grey + mean(mean_mask - slope * mean_grey)
    return _stretched(guided, *_SOFT)


def _stretched(
    mask: Float32[np.ndarray, "H W"], least: float, most: float
) -> Float32[np.ndarray, "H W"]:
    """0 up to one value and 1 from another on, smoothly between them."""
    share = ((mask - least) / np.float32(most - least)).clip(0, 1)
    return share * share * (3 - 2 * share)


def _blurred(
    image: UInt8[np.ndarray, "H W 3"], people: Float32[np.ndarray, "H W"]
) -> UInt8[np.ndarray, "H W 3"]:
    """The image out of focus. People are left out, else their colours would shine round them."""
    height, width = image.shape[:2]
    size_wh = max(width // _COARSE, 1), max(height // _COARSE, 1)
    small = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    # A little is left everywhere: where nothing but people is near, they themselves show.
    weight = 1.001 - cv2.resize(people, size_wh, interpolation=cv2.INTER_AREA)
    sigma = _BLUR * max(size_wh)
    sums = cv2.GaussianBlur(small * weight[..., None], (0, 0), sigma)
    blurred = sums / cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    whole: np.ndarray = cv2.resize(blurred.astype(np.uint8), (width, height))
    return whole


def _filled(
    picture: UInt8[np.ndarray, "h w 3"], image: UInt8[np.ndarray, "H W 3"]
) -> UInt8[np.ndarray, "H W 3"]:
    """The picture, scaled to fill a frame of the image's size; what is too much is cut evenly."""
    height, width = image.shape[:2]
    scale = max(height / picture.shape[0], width / picture.shape[1])
    high, wide = (round(scale * length) for length in picture.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, (wide, high), interpolation=method)
    x, y = (wide - width) // 2, (high - height) // 2
    return np.ascontiguousarray(scaled[y : y + height, x : x + width])
