from pathlib import Path

import numpy as np
import pytest

import blazepose.compat.mediapipe as mp
from blazepose.errors import SourceError
from blazepose.video import write_image

GREEN = np.full((4, 6, 3), (10, 200, 30), np.uint8)


def test_a_picture_is_a_copy_that_cannot_be_written_to() -> None:
    data = GREEN.copy()
    image = mp.Image(image_format=mp.ImageFormat.SRGB, data=data)
    data[:] = 0
    assert (image.numpy_view() == GREEN).all()
    assert not image.numpy_view().flags.writeable
    assert (image.width, image.height, image.channels) == (6, 4, 3)


@pytest.mark.parametrize(
    ("image_format", "data"),
    [
        (mp.ImageFormat.SRGB, GREEN[:, :, ::1]),
        (mp.ImageFormat.SRGBA, np.dstack([GREEN, np.zeros((4, 6), np.uint8)])),
        (mp.ImageFormat.SBGRA, np.dstack([GREEN[..., ::-1], np.zeros((4, 6), np.uint8)])),
    ],
)
def test_colours_come_out_as_rgb(image_format: mp.ImageFormat, data: np.ndarray) -> None:
    assert (mp.Image(image_format, data).rgb() == GREEN).all()


@pytest.mark.parametrize("shape", [(4, 6), (4, 6, 1)])
def test_grey_is_repeated_and_seen_as_flat(shape: tuple[int, ...]) -> None:
    image = mp.Image(mp.ImageFormat.GRAY8, np.full(shape, 77, np.uint8))
    assert image.numpy_view().shape == (4, 6)
    assert image.rgb().shape == (4, 6, 3)
    assert (image.rgb() == 77).all()


@pytest.mark.parametrize(
    ("image_format", "data"),
    [
        (mp.ImageFormat.SRGB, np.zeros((4, 6, 4), np.uint8)),
        (mp.ImageFormat.SRGB, np.zeros((4, 6), np.uint8)),
        (mp.ImageFormat.SRGB, np.zeros((4, 6, 3), np.float32)),
        (mp.ImageFormat.VEC32F1, np.zeros((4, 6), np.uint8)),
    ],
)
def test_an_array_that_is_not_of_the_format_is_refused(
    image_format: mp.ImageFormat, data: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=image_format.name):
        mp.Image(image_format, data)


def test_a_mask_is_no_picture_for_a_network() -> None:
    with pytest.raises(ValueError, match="VEC32F1"):
        mp.Image(mp.ImageFormat.VEC32F1, np.zeros((4, 6), np.float32)).rgb()


def test_a_file_is_read_as_rgb(tmp_path: Path) -> None:
    write_image(tmp_path / "green.png", GREEN)
    image = mp.Image.create_from_file(str(tmp_path / "green.png"))
    assert image.image_format is mp.ImageFormat.SRGB
    assert (image.numpy_view() == GREEN).all()
    with pytest.raises(SourceError) as raised:
        mp.Image.create_from_file(str(tmp_path / "none.png"))
    assert isinstance(raised.value, RuntimeError)  # as scripts catch it
