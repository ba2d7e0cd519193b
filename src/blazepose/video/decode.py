"""Video files and streams to frames, with FFmpeg through PyAV.

Gives everything that can be decoded and says what could not. Knows nothing of folders, of cameras,
or of threads beyond FFmpeg's own. Pixels that are not square, as those of camcorders, are made so.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Generator, Iterator
from typing import Any, Literal, TypeAlias

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream

from blazepose.errors import SourceError
from blazepose.pose import Frame
from blazepose.shapes import UInt8
from blazepose.video.clock import Clock
from blazepose.video.losses import Losses, seconds
from blazepose.video.media import USUAL_FPS, MediaInfo
from blazepose.video.parts import WHOLE, Part
from blazepose.video.planes import planes_of
from blazepose.video.upright import Turn

Kind: TypeAlias = Literal["video", "stream"]  # a file, a URL

_MAX_FPS = 1000  # what some files state beyond is the rate of their clock
_MOST_STRETCH = 4  # of pixels; what some files state beyond is no shape of theirs
_TIMEOUT_S = 10.0  # for a stream that falls silent
_SMALL = 16  # px; what FFmpeg scales to without complaint
_FEW_CORES, _FEW_PX = 2, 1920 * 1088
_INDEXED = ("mov", "matroska")  # containers that know where their key frames are


class Clip:
    """An opened video whose first picture has been decoded.

    Attributes:
        info: what the container promises.
        problem: after the last frame, one line on what was damaged or missing.
    """

    def __init__(
        self, name: str, *, kind: Kind = "video", part: Part = WHOLE, threads: int = 0
    ) -> None:
        """Open a file or a URL.

        Args:
            name: of the file, or the URL.
            kind: which of these.
            part: of a file, what of it is decoded; see `lead_s`.
            threads: of the decoder; 0: what is fastest where its frames are tracked meanwhile.

        Raises:
            SourceError: it cannot be opened, is no video, or nothing in it can be decoded.
        """
        self.problem: str | None = None
        self._name, self._part = name, part
        self._rest = self._pictures()
        self._container = _open(name, kind)
        self._is_avi = self._container.format.name == "avi"
        try:
            self._stream = _video_stream(self._container, name, kind)
            self._stream.codec_context.thread_count = threads or _threads(self._stream)
            self._fps = _fps(self._stream)
            interval_s = 1 / (self._fps or USUAL_FPS)
            self._clock = Clock(interval_s)
            self._losses = Losses(self._container, self._stream, interval_s=interval_s)
            self._first = next(self._rest, None) or _nothing_decoded(name)
        except BaseException:
            self.close()
            raise
        self._turn, self._size = _turn(self._first), _square(self._first, self._stream)
        self._reformatter = VideoReformatter()  # kept: a new one for each frame costs 2 ms
        self._converting = threading.Lock()
        self.info = self._promised(kind)

    @property
    def start_s(self) -> float:
        """Time of the first picture on the container's clock, which its sound shares."""
        return 0.0 if self._is_avi else seconds(self._first.pts, self._stream.time_base) or 0.0

    def frames(self) -> Generator[Frame]:
        """Every frame that can be decoded, once, with time growing; sets `problem` at the end.

        Those of a part begin with its run-in, and are counted from there.
        """
        count = 0
        try:
            for picture in self._part_of_pictures():
                time_s = self._clock.time_s(self._stamp_s(picture))
                if time_s is None:
                    self._losses.lose(picture)
                elif time_s >= self._part.end_s:
                    break
                elif time_s >= self._part.lead_s:
                    yield self._frame(picture, time_s, count)
                    count += 1
            expected = self.info.frame_count if self._part == WHOLE else None
            self.problem = self._losses.told(self._name, count, expected, part=self._part)
        finally:
            self.close()

    def lead_s(self, time_s: float) -> float:
        """The last time up to `time_s` at which a `Part` may begin; 0.0 if there is no other.

        A clip that was asked gives no frames any more.
        """
        if self._container.format.name.split(",")[0] not in _INDEXED:
            return 0.0
        picture = next(self._pictures_from(time_s), None)
        stamp_s = self._stamp_s(picture) if picture else None
        found_s = 0.0 if stamp_s is None else stamp_s - self.start_s
        return found_s if 0 < found_s <= time_s else 0.0

    def close(self) -> None:
        """Close the file or connection."""
        self._rest.close()  # else it holds this clip, and with it the decoder's memory
        self._container.close()

    def _promised(self, kind: Kind) -> MediaInfo:
        width, height = self._turn.size(*self._size)
        duration_s = self._losses.promised_s
        count = self._stream.frames or round((duration_s or 0) * (self._fps or 0))
        audio = bool(self._container.streams.audio)
        return MediaInfo(kind, width, height, self._fps, count or None, duration_s, audio)

    def _part_of_pictures(self) -> Iterator[VideoFrame]:
        """Those from where the part begins."""
        if not self._part.lead_s:
            return itertools.chain([self._first], self._rest)
        self._clock.time_s(self._stamp_s(self._first))  # which it counts from
        return self._pictures_from(self._part.lead_s)

    def _pictures_from(self, time_s: float) -> Iterator[VideoFrame]:
        """Those from the key frame on that is shown at a time or before; none if it is unknown."""
        if self._first.pts is None or self._stream.time_base is None:
            return iter(())
        ticks = self._first.pts + round(time_s / self._stream.time_base)
        try:
            self._container.seek(ticks, stream=self._stream)
        except av.FFmpegError:
            return iter(())
        return self._pictures()

    def _pictures(self) -> Generator[VideoFrame]:
        for packet in self._packets():
            if packet.stream_index == self._stream.index:
                yield from self._decoded(packet)
            if not packet.is_corrupt:
                self._losses.reach(packet)
        yield from self._decoded(None)

    def _packets(self) -> Generator[Packet[Any]]:
        """Those of sound too, as their times show where a file is cut."""
        try:
            yield from (packet for packet in self._container.demux() if packet.size)
        except av.error.ExitError:
            self._losses.stopped_by = f"no answer for {_TIMEOUT_S:.0f} s"
        except av.FFmpegError as error:
            self._losses.stopped_by = error.strerror
        except IndexError:
            pass  # at the very end PyAV trips over streams that were not there at the beginning

    def _decoded(self, packet: Packet[Any] | None) -> list[VideoFrame]:
        """What comes out of the decoder for a packet, and at the end for None."""
        pictures: list[VideoFrame] = []
        # A corrupt packet is a part of a picture, which makes FFmpeg drop whole ones as well.
        damaged = packet is not None and packet.is_corrupt
        if not damaged:
            try:
                pictures = self._stream.codec_context.decode(packet)
            except av.FFmpegError:
                damaged = True
        if damaged or any(picture.is_corrupt for picture in pictures):
            self._losses.lose(packet)
        return pictures

    def _stamp_s(self, picture: VideoFrame) -> float | None:
        if self.info.live:
            return time.perf_counter()
        # AVI stamps pictures in the order they are decoded in, not in that they are shown in.
        ticks = picture.dts if self._is_avi else picture.pts
        return seconds(ticks, self._stream.time_base)

    def _frame(self, picture: VideoFrame, time_s: float, count: int) -> Frame:
        planes = None
        if self._size == (picture.width, picture.height):
            planes = planes_of(picture, self._turn, lambda: self._rgb(picture))
        if planes is None:
            return Frame(self._rgb(picture), time_s, count, self._name)
        return Frame.of_planes(planes, time_s, count, self._name)

    def _rgb(self, picture: VideoFrame) -> UInt8[np.ndarray, "H W 3"]:
        """Upright RGB; pictures of another size than the first (streams may change) are scaled."""
        # PyAV before 17 heeds the colours of the file only if both sides are named.
        try:
            with self._converting:
                rgb = self._reformatter.reformat(
                    picture,
                    *self._size,
                    "rgb24",
                    dst_colorspace=Colorspace.ITU601,
                    src_color_range=picture.color_range,
                )
        except av.FFmpegError as error:
            raise SourceError(
                f"cannot make colours of the pictures in {self._name} ({error.strerror}): convert "
                "it to one of the usual colour spaces"
            ) from error
        return np.ascontiguousarray(self._turn(rgb.to_ndarray()))


def _open(name: str, kind: Kind) -> InputContainer:
    options = {"rtsp_transport": "tcp"} if name.startswith("rtsp") else {}
    # "file:" keeps a colon in a file's name from being read as a protocol.
    place = f"file:{name}" if kind == "video" else name
    timeout = _TIMEOUT_S if kind == "stream" else None
    try:
        return av.open(place, metadata_errors="replace", options=options, timeout=timeout)
    except av.error.ExitError as error:
        raise SourceError(f"{name} does not answer within {_TIMEOUT_S:.0f} s") from error
    except av.FFmpegError as error:
        advice = "is it a whole video?" if kind == "video" else "is the address right?"
        if name.endswith(".jsonl"):
            advice = "poses files are for `blazepose coach` and `blazepose.read_poses`"
        raise SourceError(f"cannot open {name} as video ({error.strerror}): {advice}") from error


def _video_stream(container: InputContainer, name: str, kind: Kind) -> VideoStream:
    stream = container.streams.best("video")
    if not isinstance(stream, VideoStream) or stream.disposition & Disposition.attached_pic:
        raise SourceError(f"no video in {name}: it has sound or subtitles alone")
    if container.format.name == "tty":  # FFmpeg would show text as a moving terminal
        raise SourceError(f"{name} is a text file: expected an image or a video")
    if not stream.codec_context:
        raise SourceError(f"no decoder for the video in {name}: convert it to H.264")
    live = kind == "stream" and container.duration is None
    stream.codec_context.thread_type = "SLICE" if live else "AUTO"  # frame threads answer later
    return stream


def _threads(stream: VideoStream) -> int:
    """Of the decoder; 0 leaves it to FFmpeg, which takes all cores and some memory for each.

    With two cores one thread decodes up to 1080p as fast as frames are tracked, 3 to 6 % faster
    than three that get in the networks' way; in 4K it would be a third slower.
    """
    codec, are_few = stream.codec_context, (os.cpu_count() or 1) <= _FEW_CORES
    return 1 if are_few and codec.width * codec.height <= _FEW_PX else 0


def _fps(stream: VideoStream) -> float | None:
    rates = (float(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate)
    return next((rate for rate in rates if rate < _MAX_FPS), None)


def _nothing_decoded(name: str) -> VideoFrame:
    raise SourceError(f"no picture in {name} can be decoded: it is empty, damaged or cut")


def _square(picture: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Width and height of a stored picture with square pixels; none are lost."""
    ratio = float(stream.sample_aspect_ratio or 1)
    if not 1 / _MOST_STRETCH <= ratio <= _MOST_STRETCH:
        ratio = 1.0
    return round(picture.width * max(ratio, 1.0)), round(picture.height / min(ratio, 1.0))


def _turn(picture: VideoFrame) -> Turn:
    # Asked of a small copy: a picture that was asked holds itself, and with it the memory of its
    # decoder, until Python looks for such rings, which it seldom does.
    small = picture.reformat(_SMALL, _SMALL)
    try:
        matrix: Any = small.side_data.get("DISPLAYMATRIX")
    except ValueError:  # of kinds of data that PyAV has no name for, as EXIF in MJPEG
        return Turn.by_degrees(small.rotation)
    return Turn.from_display_matrix(bytes(matrix)) if matrix else Turn()
