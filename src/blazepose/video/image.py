"""Image files to arrays and back, with Pillow.

Whatever a file holds (EXIF rotation, alpha, palette, grey, 16 bits, CMYK) comes out as upright
8-bit RGB. OpenCV would drop alpha and turn some of these wrongly, and on Windows it cannot open
names outside ASCII.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError, features

from blazepose.aside import aside
from blazepose.errors import MissingExtraError, OutputError, SourceError
from blazepose.pose import Frame
from blazepose.shapes import UInt8
from blazepose.video.check import as_rgb
from blazepose.video.media import MediaInfo, existing

# Those of Pillow's formats that run no other program and are photos, not documents.
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
_ALBUMS = ("WEBP", "PNG", "TIFF")  # that may be animated or have pages
_HEIC = (".heic", ".heif")
_HEIC_BRANDS = (b"ftypheic", b"ftypheix", b"ftypheim", b"ftypheis", b"ftypmif1")
_SAVED = {
    ".jpg": ("JPEG", {"quality": 95, "subsampling": 0}),  # thin coloured lines stay crisp
    ".jpeg": ("JPEG", {"quality": 95, "subsampling": 0}),
    ".png": ("PNG", {"compress_level": 1}),  # 3 times faster than the default, 15 % larger
}
# What Pillow's readers raise on damaged files, besides OSError.
_DAMAGE = (
    *(SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError),
    *(RuntimeError, MemoryError, struct.error, zlib.error, Image.DecompressionBombError),
)


class Photo:
    """A still image as a source of one frame.

    Attributes:
        info: size and kind.
        problem: one line where the file holds more pictures; None else, as a damaged image is an
            error.
    """

    def __init__(self, path: Path) -> None:
        """Read the size; the pixels wait until they are asked for.

        Raises:
            SourceError: not an image.
        """
        self._path = path
        with _opened(path) as image:
            width, height = image.size
            # A phone's JPEG holds others for the screen, which are the same photo.
            count = getattr(image, "n_frames", 1) if image.format in _ALBUMS else 1
            lies = image.getexif().get(ExifTags.Base.Orientation, 1) in (5, 6, 7, 8)
            if lies and image.format != "TIFF":  # whose size Pillow has turned already
                width, height = height, width
        self.info = MediaInfo("image", width, height, frame_count=1, duration_s=0.0)
        others = f"{path} holds {count} pictures, of which the first is taken"
        self.problem: str | None = others if count > 1 else None

    def frames(self) -> Iterator[Frame]:
        """The one frame; SourceError if the file is damaged."""
        yield Frame(read_image(self._path), source=str(self._path))

    def close(self) -> None:
        """Nothing is held."""


def read_image(path: str | os.PathLike[str]) -> UInt8[np.ndarray, "H W 3"]:
    """Read an image file: JPEG, PNG, WebP, BMP, TIFF, AVIF, HEIC or GIF (its first picture).

    HEIC, as phones have it, takes the extra "heic".

    EXIF rotation is applied, transparency laid on white, 16 bits are cut to the upper 8, CMYK and
    palettes are converted.

    Returns:
        (H, W, 3) uint8 RGB, contiguous.

    Raises:
        SourceError: the file is missing, is no image or is damaged.
    """
    with _opened(existing(path)) as image:
        return np.array(_rgb(ImageOps.exif_transpose(image)))


def write_image(path: str | os.PathLike[str], image: UInt8[np.ndarray, "H W 3"]) -> None:
    """Write an RGB image as JPEG or PNG, by suffix; aside first and renamed when complete.

    Raises:
        OutputError: another suffix, or the file cannot be written.
        TypeError, ValueError: the image is not (H, W, 3) uint8.
    """
    goal = Path(path)
    if goal.suffix.lower() not in _SAVED:
        raise OutputError(f"cannot write {goal}: expected a name ending in {', '.join(_SAVED)}")
    kind, options = _SAVED[goal.suffix.lower()]
    picture = Image.fromarray(as_rgb(image))
    with aside(goal) as part:
        picture.save(part, format=kind, **options)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    """The file in Pillow; what goes wrong inside the block is the file's fault."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd metadata and large photos are no one's business
            with Image.open(path, formats=_formats(path)) as image:
                yield image
    except UnidentifiedImageError as error:
        if _is_heic(path) and not _reads_heic():
            raise SourceError(f"{path}: {MissingExtraError('HEIC', 'heic')}") from error
        raise SourceError(
            f"{path} is not an image: expected JPEG, PNG, WebP, BMP, TIFF, AVIF, HEIC or GIF"
        ) from error
    except (OSError, *_DAMAGE) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(f"cannot read the image {path} ({reason}): save it anew") from error


def _formats(path: Path) -> list[str]:
    """Those that a file may have: AVIF is read by newer Pillows, HEIC with an extra."""
    if _is_heic(path) and _reads_heic():
        return [*_FORMATS, "HEIF"]
    return [*_FORMATS, "AVIF"] if features.check("avif") else [*_FORMATS]


def _is_heic(path: Path) -> bool:
    """By suffix or, as phones and messengers rename files, by the first bytes."""
    with path.open("rb") as file:
        return path.suffix.lower() in _HEIC or file.read(12)[4:] in _HEIC_BRANDS


@cache
def _reads_heic() -> bool:
    """Let Pillow read HEIC, if the extra is there."""
    if importlib.util.find_spec("pillow_heif") is None:
        return False
    importlib.import_module("pillow_heif").register_heif_opener()
    return True


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode == "F":
        raise ValueError("it holds floating-point values, of which the range is not known")
    if image.mode.startswith("I"):  # 16-bit grey; Pillow would clip it at 255
        grey = (np.asarray(image).clip(0, 65535) >> 8).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image.convert("RGBA")).convert("RGB")
    return image.convert("RGB")
