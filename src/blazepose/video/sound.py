"""The sound of a clip, to be laid under another video of it.

Copied as it is where an mp4 may hold it and browsers play it, else made AAC. Knows nothing of
pictures but the time of the first one, which is the zero of both clocks.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
from collections.abc import Generator
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from blazepose.video.decode import Clip

logger = logging.getLogger(__name__)

_COPIED = ("aac", "mp3", "mp3float", "opus", "libopus")
_RATE_HZ = 48000  # of what is made AAC, in stereo
_LEAD_S = 0.1  # kept before the first picture: decoders need some to begin cleanly


class Sound:
    """The first audio stream of a file, given out packet by packet as the pictures advance."""

    def __init__(self, path: str | os.PathLike[str], output: OutputContainer) -> None:
        """Open the file and add a stream for its sound to `output`; silent if it has none.

        Raises:
            SourceError: the file is no video that can be read.
        """
        self._name = os.fspath(path)
        clip = Clip(self._name)
        clip.close()
        self._start_s = clip.start_s
        self._input: InputContainer = av.open(f"file:{self._name}", metadata_errors="replace")
        source = self._input.streams.best("audio")
        self._packets = self._packets_of(source, output)
        self._last_s = -math.inf
        self._next = self._advance()

    def until(self, time_s: float) -> Generator[Packet[Any]]:
        """The packets that begin before a time, but for those given out already."""
        while self._next is not None and _begin_s(self._next) < time_s:
            yield self._next
            self._next = self._advance()

    def close(self) -> None:
        """Close the file."""
        self._packets.close()  # else it holds this and the decoder
        self._input.close()

    def _advance(self) -> Packet[Any] | None:
        try:
            for packet in self._packets:
                # Files put together of several begin anew in the middle; mp4 takes no such stamps.
                if (begin_s := _begin_s(packet)) > self._last_s:
                    self._last_s = begin_s
                    return packet
        except (av.FFmpegError, ValueError, IndexError) as error:  # PyAV's at a damaged end
            logger.warning("the sound of %s ends early: %s", self._name, error)
        return None

    def _packets_of(self, source: Stream | None, output: OutputContainer) -> Generator[Packet[Any]]:
        if isinstance(source, AudioStream) and source.codec_context:
            copied = source.codec_context.name in _COPIED
            yield from (self._copied if copied else self._encoded)(source, output)

    def _copied(self, source: AudioStream, output: OutputContainer) -> Generator[Packet[Any]]:
        target = output.add_stream_from_template(source)
        for packet in self._input.demux(source):
            if packet.pts is not None and self._shift(packet):
                packet.stream = target
                yield packet

    def _encoded(self, source: AudioStream, output: OutputContainer) -> Generator[Packet[Any]]:
        target = output.add_stream("aac", rate=_RATE_HZ)
        target.codec_context.layout = "stereo"
        for packet in self._input.demux(source):
            with contextlib.suppress(av.error.InvalidDataError):  # a damaged packet is silent
                for sound in packet.decode():
                    if sound.pts is not None and self._shift(sound):
                        yield from target.encode(sound)
        yield from target.encode(None)

    def _shift(self, piece: Any) -> bool:
        """Count a packet's or frame's time from the first picture; False if it lies before it."""
        ticks = round(self._start_s / piece.time_base)
        piece.pts -= ticks
        if piece.dts is not None:
            piece.dts -= ticks
        return bool(piece.pts * piece.time_base > -_LEAD_S)


def _begin_s(packet: Any) -> float:
    return float(packet.pts * packet.time_base)
