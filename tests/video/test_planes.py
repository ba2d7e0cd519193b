"""Crops from a video's planes show what those from its RGB pictures show."""

import copy
import pickle
from dataclasses import replace
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from clips import set_display_matrix

from blazepose.geometry import colours, crop
from blazepose.pose import Frame, Roi
from blazepose.video import frames

WIDTH, HEIGHT = 96, 64
REGIONS = [Roi((50.0, 30.0), 40.0, 0.3), Roi((48.0, 32.0), 96.0), Roi((5.0, 60.0), 30.0, -2.0)]


def scene() -> np.ndarray:
    """Soft blots of all colours, as the colours of a video have half its resolution."""
    small = np.random.default_rng(5).integers(0, 255, (HEIGHT // 32, WIDTH // 32, 3), np.uint8)
    return cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)


def write(path: Path, *, space: int = 2, full: bool = False, kind: str = "yuv420p") -> Path:
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=30, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, kind
        stream.codec_context.colorspace = space
        stream.codec_context.color_range = 2 if full else 1
        for _ in range(2):
            frame = av.VideoFrame.from_ndarray(scene(), "rgb24").reformat(
                format=kind, dst_colorspace=space, dst_color_range=2 if full else 1
            )
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def first(path: Path) -> Frame:
    with frames(path) as clip:
        return next(iter(clip))


@pytest.mark.parametrize("roi", REGIONS)
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("space", [1, 2, 5, 6])
def test_a_crop_has_the_colours_of_the_picture(
    tmp_path: Path, space: int, full: bool, roi: Roi
) -> None:
    frame = first(write(tmp_path / "a.mp4", space=space, full=full))
    assert frame.planes is not None
    off = crop(frame.planes, roi, 64).astype(int) - crop(frame.image, roi, 64)
    assert np.abs(off).mean() < 3
    assert np.abs(off.mean(axis=(0, 1))).max() < 2


@pytest.mark.parametrize("full", [False, True])
def test_beyond_the_picture_it_can_be_black(tmp_path: Path, full: bool) -> None:
    frame = first(write(tmp_path / "a.mp4", full=full))
    assert frame.planes is not None
    patch = crop(frame.planes, Roi((0.0, 0.0), 64.0), 64, border="black")
    assert patch[:30, :30].max() <= 1
    off = patch.astype(int) - crop(frame.image, Roi((0.0, 0.0), 64.0), 64, border="black")
    assert np.abs(off).mean() < 3


def test_single_pixels_have_the_colours_of_the_picture(tmp_path: Path) -> None:
    frame = first(write(tmp_path / "a.mp4"))
    x, y = np.array([3, 50, WIDTH - 1]), np.array([0, 31, HEIGHT - 1])
    np.testing.assert_allclose(
        colours(frame.pixels, x, y).astype(int), colours(frame.image, x, y).astype(int), atol=6
    )


def test_pictures_can_be_made_by_the_thread_that_decodes(tmp_path: Path) -> None:
    with frames(write(tmp_path / "a.mp4")) as clip:
        clip.makes_images = True
        assert all("rgb" in vars(frame.planes) for frame in clip)


@pytest.mark.parametrize("matrix", [(0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0), (-1, 0, 0, 1)])
def test_a_turned_video_has_upright_planes(tmp_path: Path, matrix: tuple[int, ...]) -> None:
    path = write(tmp_path / "a.mp4")
    set_display_matrix(path, *matrix)
    frame = first(path)
    assert frame.planes is not None
    assert frame.planes.shape == frame.image.shape
    off = crop(frame.planes, REGIONS[0], 64).astype(int) - crop(frame.image, REGIONS[0], 64)
    assert np.abs(off).mean() < 3


@pytest.mark.parametrize(("kind", "space"), [("yuv444p", 1), ("yuv420p10le", 1), ("yuv420p", 9)])
def test_what_is_not_known_becomes_rgb_at_once(tmp_path: Path, kind: str, space: int) -> None:
    frame = first(write(tmp_path / "a.mp4", kind=kind, space=space))
    assert frame.planes is None
    assert frame.pixels is frame.image


def test_the_picture_is_made_once_and_outlives_the_clip(tmp_path: Path) -> None:
    frame = first(write(tmp_path / "a.mp4"))
    assert frame.image is frame.image
    assert frame.image.shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(AttributeError, match="picture"):
        _ = frame.picture  # type: ignore[attr-defined]


def test_a_frame_can_be_copied_and_sent(tmp_path: Path) -> None:
    frame = first(write(tmp_path / "a.mp4"))
    for other in (pickle.loads(pickle.dumps(frame)), copy.deepcopy(frame), replace(frame)):
        assert (other.index, other.time_s, other.source) == (0, 0.0, frame.source)
        np.testing.assert_array_equal(other.image, frame.image)
