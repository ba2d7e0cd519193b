"""Arrays from users: right ones pass untouched, others get told what to do."""

import subprocess
import sys

import numpy as np
import pytest

from blazepose.video import as_rgb


def test_a_right_image_is_given_back_itself() -> None:
    image = np.zeros((4, 5, 3), np.uint8)
    assert as_rgb(image) is image


def test_one_pixel_is_an_image() -> None:
    assert as_rgb(np.zeros((1, 1, 3), np.uint8)).shape == (1, 1, 3)


def test_a_view_is_made_contiguous_and_keeps_its_values() -> None:
    image = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    checked = as_rgb(image[:, ::-2])
    assert checked.flags.c_contiguous
    np.testing.assert_array_equal(checked, image[:, ::-2])


@pytest.mark.parametrize(
    ("image", "error", "advice"),
    [
        ("photo.jpg", TypeError, r"got str: read the file first.*read_image"),
        ([[1, 2, 3]], TypeError, r"got list: .*np\.asarray"),
        (None, TypeError, "got NoneType"),
        (np.zeros((4, 5), np.uint8), ValueError, r"got \(4, 5\) uint8: .*grey"),
        (np.zeros((4, 5, 1), np.uint8), ValueError, "grey"),
        (np.zeros((4, 5, 4), np.uint8), ValueError, r"alpha channel, image\[\.\.\., :3\]"),
        (np.zeros((3, 4, 5), np.uint8), ValueError, r"transpose\(1, 2, 0\)"),
        (np.zeros((2, 4, 5, 3), np.uint8), ValueError, "one image at a time"),
        (np.zeros((0, 5, 3), np.uint8), ValueError, "empty"),
        (np.zeros(7, np.uint8), ValueError, r"got \(7,\) uint8"),
        (np.full((4, 5, 3), 0.5, np.float32), TypeError, r"float32: from 0\.\.1 .* \* 255"),
        (np.full((4, 5, 3), 99.0), TypeError, r"float64: scale it"),
        (np.full((4, 5, 3), np.nan, np.float32), ValueError, "NaN"),
        (np.zeros((4, 5, 3), np.uint16), TypeError, "uint16: .*>> 8"),
        (np.zeros((4, 5, 3), bool), TypeError, r"bool: .*\* 255"),
        (np.zeros((4, 5, 3), np.int64), TypeError, "int64: scale it"),
    ],
)
def test_anything_else_says_what_was_expected_what_came_and_what_to_do(
    image: object, error: type[Exception], advice: str
) -> None:
    with pytest.raises(error, match=advice) as raised:
        as_rgb(image)
    assert r"(H, W, 3) of uint8" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_advice_for_a_grey_image_works() -> None:
    grey = np.arange(20, dtype=np.uint8).reshape(4, 5)
    rgb = as_rgb(np.repeat(grey.reshape(*grey.shape[:2], 1), 3, 2))
    np.testing.assert_array_equal(rgb, np.dstack([grey] * 3))


def test_the_check_loads_no_codec() -> None:
    code = (
        "import sys; from blazepose.video import as_rgb\n"
        "print(sorted({'av', 'cv2', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
