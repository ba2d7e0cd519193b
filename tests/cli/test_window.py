"""The window; needs a screen, and is skipped without one."""

from collections.abc import Iterator

import numpy as np
import pytest

from blazepose.annotate import Summary
from blazepose.cli import watch
from blazepose.cli.window import Window
from blazepose.errors import OutputError
from blazepose.pose import Frame
from blazepose.video import MediaInfo

PICTURE = np.full((40, 60, 3), (200, 100, 50), np.uint8)


@pytest.fixture
def window() -> Iterator[Window]:
    try:
        opened = Window("test")
    except OutputError as error:
        pytest.skip(str(error))
    with opened:
        yield opened


def press(window: Window, key: str) -> None:
    """As the user does; a window has no focus before it has been shown."""
    window._root.focus_force()
    window._root.event_generate(key)
    window.rest()


def watched(window: Window, kind: str, *, stopped: bool) -> bool:
    look = watch.window(window, lambda: stopped)
    return look(Summary("x", MediaInfo(kind, 60, 40)), Frame(PICTURE), [], PICTURE)


def test_a_picture_is_shown_in_its_size(window: Window) -> None:
    window.show(PICTURE)
    assert (window._photo.width(), window._photo.height()) == (60, 40)
    assert window._photo.get(30, 20) == (200, 100, 50)


def test_a_large_picture_is_scaled_down_to_the_screen(window: Window) -> None:
    screen = window._root.winfo_screenwidth()
    window.show(np.zeros((screen // 2, 4 * screen, 3), np.uint8))
    assert window._photo.width() < screen
    assert window._photo.width() == pytest.approx(8 * window._photo.height(), rel=0.02)


@pytest.mark.parametrize("key", ["<q>", "<Escape>"])
def test_q_and_escape_close(window: Window, key: str) -> None:
    window.show(PICTURE)
    assert not window.closed
    press(window, key)
    assert window.closed
    assert watched(window, "video", stopped=False)


def test_another_key_answers_a_picture_but_not_the_next(window: Window) -> None:
    window.show(PICTURE)
    press(window, "<space>")
    assert (window.answered, window.closed) == (True, False)
    window.show(PICTURE)
    assert not window.answered


def test_a_photo_waits_for_a_key_or_ctrl_c_and_a_frame_does_not(window: Window) -> None:
    assert not watched(window, "video", stopped=False)
    assert not watched(window, "image", stopped=True)
    window._root.focus_force()
    window._root.after(50, lambda: window._root.event_generate("<space>"))
    assert not watched(window, "image", stopped=False)
