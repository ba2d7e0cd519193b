"""One way in for every source: a file, a folder, a camera or a stream becomes frames.

Decoding runs in a thread of its own, so that it overlaps with what is done with the frames.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import weakref
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeAlias

from blazepose.errors import SourceError
from blazepose.pose import Frame
from blazepose.video.ahead import ahead, newest
from blazepose.video.media import (
    Files,
    MediaInfo,
    camera_number,
    existing,
    holds_image,
    media_files,
)

if TYPE_CHECKING:
    from blazepose.video.camera import Camera
    from blazepose.video.decode import Clip
    from blazepose.video.image import Photo

logger = logging.getLogger(__name__)

Source: TypeAlias = int | Files
Medium: TypeAlias = "Photo | Clip | Camera"

_DEPTH = 4  # frames decoded in advance; more costs memory and gains nothing
_TOLD = 3  # problems spelled out in one line


def frames(source: Source) -> FrameSource:
    """The frames of a source, decoded in a thread of its own.

    Args:
        source: a file (image or video), a folder or a glob (its media one after the other, in
            natural order), a sequence of these, a camera's number ("0" counts as one, unless a file
            or folder is called so), or the URL of a stream.

    Raises:
        SourceError: nothing there that can be read.

    Example:
        >>> for frame in frames("squat.mp4"):
        ...     print(frame.time_s, frame.image.shape)
    """
    if (number := camera_number(source)) is not None:
        return FrameSource([number])
    if isinstance(source, str) and "://" in source:
        return FrameSource([source])
    if not isinstance(source, str | os.PathLike | Sequence):
        raise TypeError(
            "expected a file, folder, glob, camera number, URL or a list of files, "
            f"got {type(source).__name__}: an array goes straight to the tracker"
        )
    return FrameSource(media_files(source))


class FrameSource:
    """Frames of one or several media; made by `frames`.

    Iterating gives `Frame`s; index and time begin anew with each file. Live sources give the frame
    that came last and drop those in between. Whatever ends the iteration closes files, devices and
    the thread. It can be iterated again, which reads the source again. A context manager for the
    case that it is never iterated.

    Attributes:
        makes_images: the thread that decodes makes each frame's `image`, too: for whoever looks at
            all of them.
        info: what the first medium promises; of several media, the length is not known, and the
            number of frames only if all of them are images.
    """

    _first: Medium | None = None  # what is open and has not been iterated

    def __init__(self, names: Sequence[int | str | Path]) -> None:
        self._names = names
        self.makes_images = False
        self._running: weakref.ref[Generator[Frame]] | None = None
        self._first = self._start()
        self.info = self._first.info if len(names) == 1 else self._info_of_many(self._first.info)

    @property
    def is_live(self) -> bool:
        """Whether frames come as they are made, from a camera or a stream."""
        return self.info.live

    @property
    def problem(self) -> str | None:
        """After the iteration: one line on what was damaged, cut or unreadable; None if nothing."""
        return self._problems.told

    def __iter__(self) -> Iterator[Frame]:
        decoded = self._frames()
        running = newest(decoded) if self.is_live else ahead(decoded, depth=_DEPTH)
        self._running = weakref.ref(running)  # weak: a `break` shall end it at once
        return running

    def close(self) -> None:
        """End the iteration that began last, in the thread it runs in, and close what is open."""
        if self._running and (running := self._running()):
            running.close()
        if self._first:
            self._first.close()
            self._first = None

    def __del__(self) -> None:
        if self._first:
            self._first.close()

    def __enter__(self) -> FrameSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start(self) -> Medium:
        self._problems = _Problems(is_single=len(self._names) == 1)
        self._others = _opened(self._names, self._problems)
        first = next(self._others, None)
        if first is None:
            count, reason = len(self._names), self._problems.lines[0]
            raise SourceError(f"none of the {count} files can be read; the first: {reason}")
        return first

    def _frames(self) -> Generator[Frame]:
        first, self._first = self._first or self._start(), None
        for medium in itertools.chain([first], self._others):
            with self._problems.noted(), contextlib.closing(medium):
                for frame in medium.frames():
                    if self.makes_images:
                        _ = frame.image
                    yield frame
            if medium.problem:
                self._problems.note(medium.problem)

    def _info_of_many(self, first: MediaInfo) -> MediaInfo:
        images = all(isinstance(name, Path) and holds_image(name) for name in self._names)
        return replace(first, frame_count=len(self._names) if images else None, duration_s=None)


class _Problems:
    """What could not be read, a line each."""

    def __init__(self, *, is_single: bool) -> None:
        self.lines: list[str] = []
        self._is_single = is_single

    @property
    def told(self) -> str | None:
        """One line on all of them; None if there are none."""
        if not self.lines:
            return None
        more = len(self.lines) - _TOLD
        rest = [f"and {more} more"] if more > 0 else []
        return "; ".join(self.lines[:_TOLD] + rest)

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Among many files a broken one is noted and the rest goes on; a single one is an error."""
        try:
            yield
        except SourceError as error:
            if self._is_single:
                raise
            self.note(str(error))

    def note(self, problem: str) -> None:
        """Keep a line and log it."""
        self.lines.append(problem)
        logger.warning("%s", problem)


def _opened(names: Sequence[int | str | Path], problems: _Problems) -> Generator[Medium]:
    for name in names:
        with problems.noted():
            yield _open(name)


def _open(name: int | str | Path) -> Medium:
    """Open a medium; each kind brings its library: clips need no Pillow, photos no codecs."""
    if isinstance(name, int):
        from blazepose.video.camera import Camera

        return Camera(name)
    if isinstance(name, Path) and holds_image(existing(name)):
        from blazepose.video.image import Photo

        return Photo(name)
    from blazepose.video.decode import Clip

    return Clip(str(name), kind="video" if isinstance(name, Path) else "stream")
