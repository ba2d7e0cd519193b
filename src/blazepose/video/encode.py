"""Annotated video out: H.264 in mp4 that browsers play, written while the work goes on.

Encoding runs in a thread of its own. The file grows as `NAME.part` and gets its name when it is
complete.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import cv2
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame

from blazepose.aside import claimed
from blazepose.errors import OutputError, SourceError
from blazepose.shapes import UInt8
from blazepose.video.check import as_rgb
from blazepose.video.media import USUAL_FPS
from blazepose.video.sound import Sound

_DEPTH = 4  # frames that wait for the encoder
_TICKS = 90_000  # per second; whole numbers of them for all usual frame rates
# Measured on a 720 x 1280 clip with drawn lines: "ultrafast" takes 0.6 of the time for a file 3
# times as large, "veryfast" 1.6 times the time for a file 0.6 times as large. Without B-frames
# pictures are decoded in the order they are shown, so mp4 gets the length right at any frame rate.
_H264 = {"preset": "superfast", "crf": "22", "bf": "0"}
_BT601, _LIMITED = 6, 1  # FFmpeg's numbers for the colours that OpenCV converts to


class VideoWriter:
    """A video file that grows by a frame at a time.

    A context manager: leaving it completes the file, also after Ctrl-C or when the source ends
    early (SourceError), so that what was done stays; any other error leaves no file.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        width: int,
        height: int,
        fps: float | None = None,
        audio_from: str | os.PathLike[str] | None = None,
    ) -> None:
        """Start a video.

        Args:
            path: the goal, an .mp4 file.
            width: px of the frames. Odd sizes are made even by repeating the last column or row:
                H.264 as browsers play it has one colour for 2 x 2 pixels.
            height: px of the frames.
            fps: average rate, for the encoder's plans and the length of the last frame.
            audio_from: a video whose sound is taken along, its first picture being at time 0.

        Raises:
            OutputError: the file cannot be made there, or another run writes it.
            SourceError: `audio_from` is no video.
            ValueError: a size or rate that no video has.
        """
        if min(width, height) < 1 or not 0 < (fps or USUAL_FPS) < math.inf:
            raise ValueError(
                f"expected a size from 1 x 1 px and a rate above 0, got {width} x {height} at {fps}"
            )
        self._path = Path(path)
        self._size_hw = (height, width)
        self._part = self._path.with_name(f"{self._path.name}.part")
        self._file: _Mp4 | None = None
        self._claim = contextlib.ExitStack()
        self._pending: deque[Future[None]] = deque()
        if self._path.suffix.lower() != ".mp4" or self._path.is_dir():
            raise OutputError(f"cannot write a video to {path}: expected a file name with .mp4")
        with self._output_errors():
            self._claim.enter_context(claimed(self._part))
            try:
                self._file = _Mp4(self._part, self._size_hw, fps or USUAL_FPS, audio_from)
            except SourceError:
                self.discard()
                raise
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="blazepose-encode")

    def write(self, image: UInt8[np.ndarray, "H W 3"], time_s: float) -> None:
        """Append a frame. It is encoded later: do not change the image afterwards.

        Args:
            image: (height, width, 3) uint8 RGB.
            time_s: when it is to be shown, from 0; a time that does not grow is moved just behind
                the last one.

        Raises:
            OutputError: this frame or one before cannot be written, e.g. because the disk is full.
            TypeError, ValueError: not such an image or time, or the writer is closed.
        """
        if self._file is None:
            raise ValueError(f"the video {self._path} is closed, nothing can be appended")
        if not (math.isfinite(time_s) and time_s >= 0):
            raise ValueError(f"expected a time in seconds from 0 on, got {time_s}")
        picture = as_rgb(image)
        if picture.shape[:2] != self._size_hw:
            height, width = self._size_hw
            raise ValueError(f"expected frames of ({height}, {width}, 3), got {picture.shape}")
        with self._output_errors():
            if len(self._pending) == _DEPTH:
                self._pending.popleft().result()
            self._pending.append(self._pool.submit(self._file.add, picture, time_s))

    def close(self) -> None:
        """Complete the file and give it its name; without a frame there is none.

        Raises:
            OutputError: it cannot be completed; then no file is left.
        """
        if self._file is None:
            return
        with self._output_errors():
            while self._pending:
                self._pending.popleft().result()
            if self._file.empty:
                self.discard()
                return
            self._pool.shutdown()
            self._file.finish()
            self._part.replace(self._path)
        self._claim.close()
        self._file = None

    def discard(self) -> None:
        """End without a file."""
        if self._file is not None:
            self._pool.shutdown(cancel_futures=True)
            self._file.abort()
            self._file = None
        with contextlib.suppress(OSError):
            self._part.unlink()
        self._claim.close()

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | SourceError):
            self.close()
        else:
            self.discard()

    @contextlib.contextmanager
    def _output_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, av.FFmpegError) as error:
            self.discard()
            reason = error.strerror or error
            raise OutputError(
                f"cannot write the video {self._path} ({reason}): make room or choose another place"
            ) from error


class _Mp4:
    """The file itself; all in the calling thread."""

    def __init__(
        self,
        path: Path,
        size_hw: tuple[int, int],
        fps: float,
        audio_from: str | os.PathLike[str] | None,
    ) -> None:
        self._last = -1  # ticks
        self._frame_ticks = round(_TICKS / fps)
        self._sound: Sound | None = None
        # "+faststart" puts the index in front, so that browsers play while they still load.
        self._container = av.open(
            f"file:{path}", "w", format="mp4", options={"movflags": "+faststart"}
        )
        try:
            rate = Fraction(fps).limit_denominator(1001)
            self._stream = self._container.add_stream("libx264", rate=rate, options=_H264)
            self._stream.height, self._stream.width = (side + side % 2 for side in size_hw)
            self._stream.pix_fmt = "yuv420p"
            self._stream.codec_context.colorspace = _BT601
            self._stream.codec_context.color_range = _LIMITED
            self._stream.time_base = Fraction(1, _TICKS)
            self._stream.codec_context.time_base = Fraction(1, _TICKS)
            if audio_from is not None:
                self._sound = Sound(audio_from, self._container)
            self._container.start_encoding()
        except BaseException:
            self.abort()
            raise

    @property
    def empty(self) -> bool:
        """Nothing was added."""
        return self._last < 0

    def add(self, image: UInt8[np.ndarray, "H W 3"], time_s: float) -> None:
        """Encode a frame, and the sound up to it."""
        picture = VideoFrame.from_ndarray(_yuv420(image), "yuv420p")
        self._last = max(round(time_s * _TICKS), self._last + 1)
        picture.pts, picture.time_base = self._last, Fraction(1, _TICKS)
        self._mux(self._stream.encode(picture), sound_until=self._last)

    def finish(self) -> None:
        """Write what the encoder still holds, the sound up to the end, and the index."""
        self._mux(self._stream.encode(None), sound_until=self._last + self._frame_ticks)
        self._container.close()
        if self._sound:
            self._sound.close()

    def abort(self) -> None:
        """Close what is open; the file is of no use."""
        if self._sound:
            self._sound.close()
        with contextlib.suppress(OSError, av.FFmpegError):
            self._container.close()

    def _mux(self, packets: list[Packet[Any]], *, sound_until: int) -> None:
        for packet in packets:
            packet.duration = self._frame_ticks  # it counts for the last one alone
            self._container.mux(packet)
        if self._sound:
            for packet in self._sound.until(sound_until / _TICKS):
                with contextlib.suppress(av.error.InvalidDataError):  # damaged sound is left out
                    self._container.mux(packet)


def _yuv420(image: UInt8[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "H3 W2"]:
    """Planes Y, U, V one below the other, of even size; OpenCV is 6 times faster than FFmpeg."""
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        border = (0, height % 2, 0, width % 2)  # top, bottom, left, right
        image = cv2.copyMakeBorder(image, *border, cv2.BORDER_REPLICATE)
    planes: np.ndarray = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)
    return planes
