"""Cameras to frames, with OpenCV."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator

import cv2

from blazepose.errors import SourceError
from blazepose.pose import Frame
from blazepose.video.media import MediaInfo

_LARGEST = 2**31 - 1


class Camera:
    """An opened camera that has given a picture.

    Attributes:
        info: size and rate.
        problem: after the last frame, one line on why there are no more.
    """

    def __init__(self, number: int) -> None:
        """Open a camera of this machine, counted from 0.

        Raises:
            SourceError: there is none, or it gives no picture.
        """
        self.problem: str | None = None
        self._name = f"camera {number}"
        if not 0 <= number <= _LARGEST:  # OpenCV takes others for files, or ends the process
            raise SourceError(f"there is no {self._name}: cameras are numbered from 0")
        with _silent():
            self._capture = cv2.VideoCapture(number)
            given, picture = self._capture.read()
        if not given:
            self.close()
            raise SourceError(
                f"{self._name} gives no picture: is it there (0 is the first), allowed, and free?"
            )
        height, width = picture.shape[:2]
        self.info = MediaInfo(
            "camera", width, height, fps=self._capture.get(cv2.CAP_PROP_FPS) or None
        )

    def frames(self) -> Generator[Frame]:
        """Frames as they come, with the time they came at, until the camera is gone."""
        began, count = time.perf_counter(), 0
        try:
            while (given := self._capture.read())[0]:
                time_s = time.perf_counter() - began
                image = cv2.cvtColor(given[1], cv2.COLOR_BGR2RGB)
                yield Frame(image, time_s, count, self._name)
                count += 1
            self.problem = f"{self._name} gave no more pictures after {count}: was it unplugged?"
        finally:
            self.close()

    def close(self) -> None:
        """Free the camera."""
        self._capture.release()


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """OpenCV's own complaints on a missing camera would stand on the user's screen."""
    logging = getattr(cv2.utils, "logging", cv2)  # where it is depends on the version
    level = logging.getLogLevel()
    logging.setLogLevel(0)
    try:
        yield
    finally:
        logging.setLogLevel(level)
