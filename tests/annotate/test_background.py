from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose.annotate import Background
from blazepose.errors import SourceError
from blazepose.video import write_image

HEIGHT, WIDTH = 120, 200
INSIDE, OUTSIDE = (60, 100), (20, 20)
GREEN = (32, 160, 96)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """A red person on a grey chequered wall, and a mask that is a little too large and soft."""
    wall = 90 + 80 * (np.indices((HEIGHT, WIDTH)).sum(axis=0) // 8 % 2)
    image = np.repeat(wall[..., None], 3, axis=2).astype(np.uint8)
    image[30:90, 70:130] = (220, 30, 30)
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[28:92, 68:132] = 1
    return image, cv2.GaussianBlur(mask, (0, 0), 2)


def test_a_colour_takes_the_place_of_everything_but_people() -> None:
    image, mask = scene()
    picture = Background.parse("#20a060").behind(image, [mask])
    assert tuple(picture[OUTSIDE]) == GREEN
    assert tuple(picture[INSIDE]) == (220, 30, 30)
    assert picture.shape == image.shape


def test_everybody_is_kept_and_nobody_leaves_the_background_alone() -> None:
    image, mask = scene()
    background = Background.parse("white")
    other = np.roll(mask, 55, axis=1)
    both = background.behind(image, [mask, other])
    assert (both[60, 100] == image[60, 100]).all()
    assert (both[60, 155] == image[60, 155]).all()
    assert (background.behind(image, []) == 255).all()


def test_the_edge_is_soft_and_lies_where_the_image_has_one() -> None:
    image, mask = scene()
    black = Background.parse("black").behind(image, [mask])
    red = black[60, 40:100, 0].astype(int)
    rise = np.flatnonzero(red > 110)[0] + 40
    assert abs(rise - 70) <= 1
    assert ((red > 20) & (red < 200)).any()


def test_a_blur_takes_away_what_is_sharp_and_no_colour_of_people_shines_into_it() -> None:
    image, mask = scene()
    picture = Background.parse("blur").behind(image, [mask])
    assert np.ptp(picture[10:20, 10:60].astype(int)) < 40
    redness = picture[..., 0].astype(int) - picture[..., 1]
    assert redness[:, :62].max() < 12
    assert (picture[INSIDE] == image[INSIDE]).all()


@pytest.mark.parametrize("size", [(40, 30), (900, 300)])
def test_a_picture_fills_the_frame_with_its_middle_in_the_middle(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    picture[:, : size[0] // 2, 0] = picture[:, size[0] // 2 :, 2] = 255
    write_image(tmp_path / "wall.png", picture)
    image, _ = scene()
    shown = Background.parse(str(tmp_path / "wall.png")).behind(image, [])
    assert shown.shape == image.shape
    assert tuple(shown[60, 90]) == (255, 0, 0)
    assert tuple(shown[60, 110]) == (0, 0, 255)


def test_what_is_no_background_is_told() -> None:
    with pytest.raises(SourceError, match=r"expected blur, a colour .* or an image .* 'gren'"):
        Background.parse("gren")


def test_a_picture_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "wall.jpg").write_text("no picture")
    with pytest.raises(SourceError, match=r"wall\.jpg is not an image"):
        Background.parse(str(tmp_path / "wall.jpg"))
    with pytest.raises(SourceError, match="no such file"):
        Background.parse(str(tmp_path / "wal.jpg"))


def test_a_colour_that_is_none_is_told() -> None:
    with pytest.raises(SourceError, match=r"expected blur, .* got 'rgb\(300,0,0\)'"):
        Background.parse("rgb(300,0,0)")
