"""Pictures as the task API passes them: an array that nobody changes, and what its channels are."""

from __future__ import annotations

import enum
from os import PathLike

import numpy as np

from blazepose.compat.caught import as_runtime_errors
from blazepose.shapes import UInt8
from blazepose.video import read_image


class ImageFormat(enum.IntEnum):
    """What the channels of a picture are, and of which kind."""

    SRGB = 1
    SRGBA = 2
    SBGRA = 11
    GRAY8 = 3
    GRAY16 = 4
    SRGB48 = 7
    SRGBA64 = 8
    VEC32F1 = 9
    VEC32F2 = 12


_CHANNELS = {
    ImageFormat.GRAY8: 1,
    ImageFormat.GRAY16: 1,
    ImageFormat.VEC32F1: 1,
    ImageFormat.VEC32F2: 2,
    ImageFormat.SRGB: 3,
    ImageFormat.SRGB48: 3,
}
_WIDE = {ImageFormat.GRAY16, ImageFormat.SRGB48, ImageFormat.SRGBA64}
_FLOATS = {ImageFormat.VEC32F1, ImageFormat.VEC32F2}


class Image:
    """A picture or a mask.

    Attributes:
        image_format: what its channels are.
        width: px.
        height: px.
        channels: number of them.
    """

    def __init__(self, image_format: ImageFormat, data: np.ndarray) -> None:
        """Copy a picture.

        Args:
            image_format: what the channels are; the order of three cannot be seen in an array, and
                what OpenCV reads is BGR.
            data: (H, W) or (H, W, C), of uint8, uint16 or float32 as the format says.

        Raises:
            ValueError: the array is of another kind.
        """
        self.image_format = ImageFormat(image_format)
        self.channels = _CHANNELS.get(self.image_format, 4)
        wide, floats = self.image_format in _WIDE, self.image_format in _FLOATS
        kind = np.uint16 if wide else np.float32 if floats else np.uint8
        flat = self.channels == 1 and data.ndim == 2
        if data.dtype != kind or not (flat or data.shape[2:] == (self.channels,)):
            raise ValueError(
                f"{self.image_format.name} needs an array (H, W, {self.channels}) of "
                f"{np.dtype(kind)}, got {data.shape} {data.dtype}: convert it, or name its format"
            )
        self.height, self.width = data.shape[:2]
        self._data = np.array(data[..., 0] if self.channels == 1 and not flat else data, order="C")
        self._data.flags.writeable = False

    @classmethod
    def create_from_file(cls, file_name: str | PathLike[str]) -> Image:
        """Read a picture file, upright, as SRGB.

        Raises:
            SourceError: the file is missing or is no picture; a RuntimeError, too.
        """
        with as_runtime_errors():
            return cls(ImageFormat.SRGB, read_image(file_name))

    def numpy_view(self) -> np.ndarray:
        """The picture itself, (H, W) or (H, W, C); it cannot be written to."""
        return self._data

    def rgb(self) -> UInt8[np.ndarray, "H W 3"]:
        """The picture as the networks want it; alpha is dropped, grey repeated.

        Raises:
            ValueError: it has no 8 bits.
        """
        match self.image_format:
            case ImageFormat.SRGB:
                return self._data
            case ImageFormat.SRGBA:
                return self._data[..., :3]
            case ImageFormat.SBGRA:
                return self._data[..., 2::-1]
            case ImageFormat.GRAY8:
                return np.repeat(self._data[..., None], 3, axis=2)
        raise ValueError(
            f"expected a picture of 8 bits (SRGB, SRGBA, SBGRA or GRAY8), "
            f"got {self.image_format.name}: convert it first"
        )
