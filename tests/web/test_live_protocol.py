"""What visitors may say."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from visiting import JPEG, jpeg, shot, start

from blazepose.web import Limits
from blazepose.web.protocol import (
    MALFORMED,
    TOO_BIG,
    Shot,
    Start,
    VisitError,
    decode_jpeg,
    read_message,
)

LIMITS = Limits(frame_px=64 * 48, frame_bytes=1 << 14)


def test_a_picture_is_read_with_its_number_and_time() -> None:
    assert read_message(shot(7, 1.5), limits=LIMITS) == Shot(7, 1.5, JPEG)
    assert decode_jpeg(JPEG, limits=LIMITS).shape == (12, 16, 3)


def test_the_red_of_a_picture_comes_first() -> None:
    Image.new("RGB", (8, 8), (250, 10, 20)).save(file := io.BytesIO(), "JPEG")
    assert np.abs(decode_jpeg(file.getvalue(), limits=LIMITS)[4, 4] - [250.0, 10, 20]).max() < 9


@pytest.mark.parametrize("name", ["squat", "Push-ups", "auto", "none"])
def test_a_start_names_an_exercise(name: str) -> None:
    assert isinstance(read_message(start(name), limits=LIMITS), Start)


def test_an_unknown_exercise_is_answered_with_near_matches() -> None:
    with pytest.raises(VisitError, match="did you mean 'squat'"):
        read_message(start("sqat"), limits=LIMITS)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (jpeg(65, 48), TOO_BIG),
        (jpeg(60_000, 1), TOO_BIG),
        (jpeg(progressive=True), MALFORMED),
        (JPEG[:-100], MALFORMED),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), MALFORMED),
        (b"%!PS-Adobe-3.0 EPSF-3.0", MALFORMED),
    ],
)
def test_pictures_that_cost_too_much_or_are_none_are_refused(picture: bytes, code: int) -> None:
    with pytest.raises(VisitError) as refusal:
        decode_jpeg(picture, limits=LIMITS)
    assert refusal.value.code == code


def test_a_size_that_is_a_lie_costs_no_memory() -> None:
    at = JPEG.index(b"\xff\xc0") + 5  # height and width in the frame header
    huge = JPEG[:at] + b"\xff\xff\xff\xff" + JPEG[at + 4 :]
    with pytest.raises(VisitError, match="65535 x 65535"):
        decode_jpeg(huge, limits=LIMITS)


@pytest.mark.parametrize("message", [shot(1, picture=bytes(1 << 15)), "x" * 201])
def test_messages_that_are_too_long_are_refused(message: str | bytes) -> None:
    with pytest.raises(VisitError) as refusal:
        read_message(message, limits=LIMITS)
    assert refusal.value.code == TOO_BIG


@given(st.binary(max_size=200) | st.text(max_size=300))
@example("[" * 200)
@example('{"type": "start", "exercise": ' + "9" * 150 + "}")
@example('{"type": "start", "exercise": null}')
@example("\ud800")
def test_any_message_is_read_or_refused(message: str | bytes) -> None:
    with contextlib.suppress(VisitError):
        assert isinstance(read_message(message, limits=LIMITS), Shot | Start)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(JPEG) - 1), st.integers(0, 255)), max_size=20))
def test_any_damage_to_a_picture_leaves_one_of_fair_size_or_is_refused(
    damage: list[tuple[int, int]],
) -> None:
    picture = bytearray(JPEG)
    for place, value in damage:
        picture[place] = value
    with contextlib.suppress(VisitError):
        image = decode_jpeg(bytes(picture), limits=LIMITS)
        assert image.dtype == np.uint8
        assert image.shape[0] * image.shape[1] <= LIMITS.frame_px
