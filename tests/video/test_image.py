"""Image files of every kind come out as upright 8-bit RGB."""

import contextlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, features

from blazepose.errors import OutputError, SourceError
from blazepose.video import image, read_image, write_image

# 2 x 3 colours, so that every way to lie looks different
CORNERS = np.array(
    [
        [(200, 30, 30), (30, 200, 30), (30, 30, 200)],
        [(220, 220, 40), (40, 220, 220), (120, 120, 120)],
    ],
    np.uint8,
)
BLOCKS = CORNERS.repeat(16, 0).repeat(16, 1)  # JPEG keeps the colours of 16 px blocks
ONLY = [HealthCheck.function_scoped_fixture]


def _close(image: np.ndarray, expected: np.ndarray, tolerance: int) -> None:
    assert image.shape == expected.shape
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - expected.astype(int)).max() <= tolerance


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".gif", ".webp"])
def test_lossless_files_keep_every_pixel(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(BLOCKS).save(path, **({"lossless": True} if suffix == ".webp" else {}))
    image = read_image(path)
    np.testing.assert_array_equal(image, BLOCKS)
    assert image.flags.c_contiguous
    assert image.flags.writeable


@pytest.mark.parametrize(("suffix", "package"), [(".avif", "PIL._avif"), (".heic", "pillow_heif")])
def test_photos_of_phones_keep_their_colours(tmp_path: Path, suffix: str, package: str) -> None:
    brought = pytest.importorskip(package, reason=f"{package} writes the {suffix} file")
    if suffix == ".heic":
        brought.register_heif_opener()
    path = tmp_path / f"a{suffix}"
    Image.fromarray(BLOCKS).resize((192, 128), 0).save(path, quality=95)
    _close(read_image(path)[32::64, 32::64], CORNERS, 8)


def test_a_heic_photo_may_be_called_jpg(tmp_path: Path) -> None:
    brought = pytest.importorskip("pillow_heif", reason="pillow_heif writes the file")
    brought.register_heif_opener()
    Image.fromarray(BLOCKS).resize((192, 128), 0).save(tmp_path / "a.heic", quality=95)
    (tmp_path / "a.heic").rename(tmp_path / "a.jpg")
    _close(read_image(tmp_path / "a.jpg")[32::64, 32::64], CORNERS, 8)


@pytest.mark.parametrize("name", ["a.heic", "a.jpg"])
def test_without_its_extra_a_heic_photo_says_what_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(image, "_reads_heic", lambda: False)
    (tmp_path / name).write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    with pytest.raises(SourceError, match=r"blazepose\[heic\]"):
        read_image(tmp_path / name)


def test_jpeg_keeps_colours_and_their_order(tmp_path: Path) -> None:
    write_image(tmp_path / "a.jpg", BLOCKS)
    image = read_image(str(tmp_path / "a.jpg"))
    _close(image[8::16, 8::16], CORNERS, 4)


@pytest.mark.parametrize(
    ("mode", "pixel", "expected"),
    [
        ("L", 77, (77, 77, 77)),
        ("1", 1, (255, 255, 255)),
        ("LA", (77, 255), (77, 77, 77)),
        ("LA", (77, 0), (255, 255, 255)),
        ("RGBA", (200, 30, 30, 255), (200, 30, 30)),
        ("RGBA", (200, 30, 30, 0), (255, 255, 255)),
        ("RGBA", (200, 30, 30, 128), (227, 142, 142)),
    ],
)
def test_grey_is_spread_and_transparency_laid_on_white(
    tmp_path: Path, mode: str, pixel: int | tuple[int, ...], expected: tuple[int, int, int]
) -> None:
    Image.new(mode, (5, 4), pixel).save(tmp_path / "a.png")
    _close(read_image(tmp_path / "a.png"), np.full((4, 5, 3), expected), 1)


def test_a_palette_gives_its_colours(tmp_path: Path) -> None:
    Image.fromarray(CORNERS).quantize(6).save(tmp_path / "a.png")
    _close(read_image(tmp_path / "a.png"), CORNERS, 0)


def test_the_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    image = Image.new("P", (2, 1), 0)
    image.putpalette([200, 30, 30, 30, 30, 200])
    image.putpixel((1, 0), 1)
    image.save(tmp_path / "a.png", transparency=1)
    _close(read_image(tmp_path / "a.png"), np.array([[(200, 30, 30), (255, 255, 255)]]), 0)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_16_bit_grey_keeps_its_upper_8_bits(tmp_path: Path, suffix: str) -> None:
    grey = np.array([[0, 255, 256, 32768, 65535]], np.uint16)
    cv2.imwrite(str(tmp_path / f"a{suffix}"), grey)
    expected = np.array([[0, 0, 1, 128, 255]], np.uint8)
    _close(read_image(tmp_path / f"a{suffix}"), np.dstack([expected] * 3), 0)


def test_16_bit_colour_keeps_its_upper_8_bits(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), CORNERS[..., ::-1].astype(np.uint16) * 257)
    _close(read_image(tmp_path / "a.png"), CORNERS, 0)


def test_a_cmyk_jpeg_has_the_right_colours(tmp_path: Path) -> None:
    Image.fromarray(BLOCKS).convert("CMYK").save(tmp_path / "a.jpg", quality=95)
    _close(read_image(tmp_path / "a.jpg")[8::16, 8::16], CORNERS, 6)


@pytest.mark.parametrize(
    ("orientation", "stored"),
    [
        (1, CORNERS),
        (2, np.fliplr(CORNERS)),
        (3, np.rot90(CORNERS, 2)),
        (4, np.flipud(CORNERS)),
        (5, CORNERS.swapaxes(0, 1)),
        (6, np.rot90(CORNERS, 1)),
        (7, np.rot90(CORNERS, 2).swapaxes(0, 1)),
        (8, np.rot90(CORNERS, -1)),
    ],
)
def test_exif_rotation_is_applied(tmp_path: Path, orientation: int, stored: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(stored.repeat(16, 0).repeat(16, 1)).save(
        tmp_path / "a.jpg", exif=exif, quality=95
    )
    _close(read_image(tmp_path / "a.jpg")[8::16, 8::16], CORNERS, 10)


def test_one_pixel_and_a_name_outside_ascii_work(tmp_path: Path) -> None:
    path = tmp_path / "Kniebeuge übung 深蹲.png"
    write_image(path, np.full((1, 1, 3), 9, np.uint8))
    assert read_image(path).tolist() == [[[9, 9, 9]]]


def test_a_file_that_is_no_image_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("not an image")
    with pytest.raises(SourceError, match=r"a\.jpg is not an image: expected JPEG, PNG"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_cut_image_is_told(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    write_image(path, np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match="cannot read the image"):
        read_image(path)


def test_floating_point_pixels_are_refused_since_their_range_is_unknown(tmp_path: Path) -> None:
    Image.new("F", (4, 4), 0.5).save(tmp_path / "a.tif")
    with pytest.raises(SourceError, match="floating-point"):
        read_image(tmp_path / "a.tif")


def test_a_missing_image_offers_near_names_and_a_folder_is_refused(tmp_path: Path) -> None:
    write_image(tmp_path / "photo.png", CORNERS)
    with pytest.raises(SourceError, match=r"did you mean photo\.png"):
        read_image(tmp_path / "foto.png")
    with pytest.raises(SourceError, match="is a folder"):
        read_image(tmp_path)


def test_writing_needs_a_known_suffix_a_folder_and_an_image(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a name ending in \.jpg, \.jpeg, \.png"):
        write_image(tmp_path / "a.gif", CORNERS)
    with pytest.raises(OutputError, match=r"cannot write .*No such file"):
        write_image(tmp_path / "nowhere" / "a.png", CORNERS)
    assert list(tmp_path.iterdir()) == []


def test_writing_again_replaces_the_file(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", CORNERS)
    write_image(tmp_path / "a.png", CORNERS[::-1])
    np.testing.assert_array_equal(read_image(tmp_path / "a.png"), CORNERS[::-1])
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def _image_or_source_error(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with contextlib.suppress(SourceError):
        assert read_image(path).ndim == 3


@settings(max_examples=150, suppress_health_check=ONLY, deadline=None)
@given(
    head=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"GIF89a", b"II*\0"]),
    tail=st.binary(max_size=300),
)
def test_random_bytes_give_an_image_or_a_source_error(
    tmp_path: Path, head: bytes, tail: bytes
) -> None:
    _image_or_source_error(tmp_path / "a.bin", head + tail)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
@settings(max_examples=100, suppress_health_check=ONLY, deadline=None)
@given(data=st.data())
def test_damaged_images_give_an_image_or_a_source_error(
    tmp_path: Path, kind: str, data: st.DataObject
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = tmp_path / "whole"
    Image.fromarray(CORNERS.repeat(4, 0)).save(whole, format=kind, exif=exif)
    content = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    _image_or_source_error(tmp_path / "a.bin", bytes(content[: data.draw(st.integers(1, 4000))]))


@pytest.mark.parametrize("suffix", [".webp", ".png", ".tif"])
def test_a_file_of_several_pictures_says_that_the_first_is_taken(
    tmp_path: Path, suffix: str
) -> None:
    first, *others = (Image.fromarray(np.roll(BLOCKS, i, axis=1)) for i in range(4))
    first.save(tmp_path / f"a{suffix}", save_all=True, append_images=others, duration=40)
    photo = image.Photo(tmp_path / f"a{suffix}")
    assert photo.problem
    assert "holds 4 pictures, of which the first is taken" in photo.problem
    first.save(tmp_path / f"b{suffix}")
    assert image.Photo(tmp_path / f"b{suffix}").problem is None


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_a_photo_that_lies_promises_the_size_that_it_has_upright(tmp_path: Path, kind: str) -> None:
    path, exif = tmp_path / "a", Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.fromarray(BLOCKS).save(path, format=kind, exif=exif)
    photo = image.Photo(path)
    assert read_image(path).shape[:2] == (photo.info.height, photo.info.width) == (48, 32)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow reads no AVIF")
def test_a_damaged_avif_is_an_image_or_told(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    for at in range(12, 400, 3):
        data = bytearray(whole)
        data[at] ^= 255
        _image_or_source_error(path, bytes(data))
