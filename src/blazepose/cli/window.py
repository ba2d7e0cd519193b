"""A window that shows pictures while they are made, with Tk from the standard library.

OpenCV comes here without its windows, which would bring GUI libraries to every server.
"""

from __future__ import annotations

import time
from types import TracebackType

import cv2
import numpy as np

from blazepose.errors import OutputError
from blazepose.shapes import UInt8

_SHARE_OF_SCREEN = 0.85
_MOMENT_S = 0.02


class Window:
    """A window that the user closes with q, Esc or its button; a context manager.

    Attributes:
        answered: the user has pressed a key since the last picture, or closed the window.
        closed: the user has had enough.
    """

    def __init__(self, title: str) -> None:
        """Open it.

        Raises:
            OutputError: this Python has no Tk, or there is no screen.
        """
        try:
            import tkinter as tk
        except ImportError as error:
            raise OutputError(
                "cannot open a window: this Python comes without tkinter "
                "(Debian, Ubuntu: apt install python3-tk); or leave --show out"
            ) from error
        try:
            self._root = tk.Tk()
        except tk.TclError as error:
            raise OutputError(f"cannot open a window ({error}): leave --show out") from error
        self.answered = self.closed = False
        self._photo = tk.PhotoImage()
        self._root.title(title)
        self._root.protocol("WM_DELETE_WINDOW", self._close)
        self._root.bind("<Key>", self._press)
        self._root.bind("<q>", self._close)
        self._root.bind("<Escape>", self._close)
        tk.Label(self._root, image=self._photo, borderwidth=0).pack()

    def show(self, picture: UInt8[np.ndarray, "H W 3"]) -> None:
        """Show an RGB picture, scaled down to fit the screen."""
        screen_wh = self._root.winfo_screenwidth(), self._root.winfo_screenheight()
        picture = _fitted(picture, screen_wh)
        height, width = picture.shape[:2]
        header = b"P6 %d %d 255\n" % (width, height)
        self._photo.configure(data=header + picture.tobytes(), format="PPM")
        self.answered = False
        self._root.update()

    def rest(self) -> None:
        """Wait a moment for the user."""
        time.sleep(_MOMENT_S)
        self._root.update()

    def _press(self, event: object) -> None:
        self.answered = True

    def _close(self, event: object = None) -> None:
        self.answered = self.closed = True

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._root.destroy()


def _fitted(
    picture: UInt8[np.ndarray, "H W 3"], screen_wh: tuple[int, int]
) -> UInt8[np.ndarray, "H2 W2 3"]:
    height, width = picture.shape[:2]
    scale = _SHARE_OF_SCREEN * min(screen_wh[0] / width, screen_wh[1] / height)
    if scale >= 1:
        return picture
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    scaled: np.ndarray = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    return scaled
