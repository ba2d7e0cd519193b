"""What a source names: which files a folder, a glob or a list stands for, and what each one holds.

Looks at names and at the first bytes of files; decoding is for `image` and `decode`.
"""

from __future__ import annotations

import difflib
import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from blazepose.errors import SourceError

Files: TypeAlias = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]

USUAL_FPS = 30.0  # of a source that does not tell

_IMAGES = (
    *(".avif", ".bmp", ".heic", ".heif", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".tif", ".tiff"),
    ".webp",
)
_VIDEOS = (
    *(".3gp", ".avi", ".flv", ".gif", ".m2t", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg"),
    *(".mpeg4", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".webm", ".wmv"),
)
_MAGIC: tuple[tuple[int, bytes, Literal["image", "video"]], ...] = (
    (0, b"\xff\xd8\xff", "image"),  # JPEG
    (0, b"\x89PNG\r\n", "image"),
    (8, b"WEBP", "image"),
    (0, b"II*\x00", "image"),  # TIFF, both byte orders
    (0, b"MM\x00*", "image"),
    (4, b"ftyphei", "image"),  # HEIC and AVIF share their container with mp4
    (4, b"ftypmif1", "image"),
    (4, b"ftypavif", "image"),
    (4, b"ftyp", "video"),  # mp4, mov
    (0, b"\x1aE\xdf\xa3", "video"),  # mkv, webm
    (8, b"AVI ", "video"),
    (0, b"GIF8", "video"),
)


@dataclass(frozen=True)
class MediaInfo:
    """What a source promises before it is decoded.

    Attributes:
        kind: "image", "video" (a file), "camera" or "stream" (a URL).
        width: px, upright (rotation metadata applied).
        height: px, upright.
        fps: average frames per second; None when unknown or meaningless.
        frame_count: how many frames the container promises, or its duration and rate suggest;
            None when unknown.
        duration_s: length in seconds; None when unknown.
        has_audio: there is sound with it.
    """

    kind: Literal["image", "video", "camera", "stream"]
    width: int
    height: int
    fps: float | None = None
    frame_count: int | None = None
    duration_s: float | None = None
    has_audio: bool = False

    @property
    def live(self) -> bool:
        """It goes on by itself, with or without a reader: a camera, a stream without an end."""
        return self.kind == "camera" or (self.kind == "stream" and self.duration_s is None)


def camera_number(source: object) -> int | None:
    """Which camera a source means, by a number or its digits; None: it is something else.

    A file or folder that is called by a number is no camera.
    """
    if isinstance(source, int):
        return source
    if isinstance(source, str) and source.isdecimal() and not Path(source).exists():
        return int(source)
    return None


def media_files(source: Files) -> list[Path]:
    """The image and video files that a source stands for.

    Args:
        source: a file (taken as it is), a folder (not those inside it), a glob such as
            "clips/**/*.mp4", or a sequence of these. Folders and globs are sorted in natural order
            (2 before 10) and give media alone: told by suffix, by content where there is none;
            hidden files are skipped.

    Raises:
        SourceError: a file does not exist, a folder or glob has no media, or a sequence is empty.
    """
    if isinstance(source, str | os.PathLike):
        return _expand(source)
    if not source:
        raise SourceError("the list of files is empty: name at least one")
    return [path for part in source for path in _expand(part)]


def existing(path: str | os.PathLike[str]) -> Path:
    """The path of a file that is there.

    Raises:
        SourceError: it is not there (near matches are offered), is a folder, or is empty.
    """
    file = Path(path).expanduser()
    if file.is_dir():
        raise SourceError(f"{file} is a folder: name a file in it")
    if not file.exists():
        raise SourceError(_missing(file))
    if file.is_file() and file.stat().st_size == 0:
        raise SourceError(f"{file} is empty, 0 bytes: was it copied completely?")
    return file


def holds_image(path: Path) -> bool:
    """Whether a file is a still image rather than a video, by content first, then by suffix."""
    kind = _content(path)
    return path.suffix.lower() in _IMAGES if kind is None else kind == "image"


def _expand(source: str | os.PathLike[str]) -> list[Path]:
    name = os.fspath(source)
    path = Path(name).expanduser()
    if name and path.is_dir():
        return _media_among(path.iterdir(), f"the folder {path}")
    if name and not path.exists() and glob.has_magic(name):
        found = glob.iglob(str(path), recursive=True)  # noqa: PTH207 - pathlib's is relative only
        return _media_among((Path(match) for match in found), f"the pattern {name}")
    if not name:
        raise SourceError("the name of the source is empty: name a file or a folder")
    return [existing(path)]


def _media_among(paths: Iterator[Path], place: str) -> list[Path]:
    try:
        found = sorted((path for path in paths if _is_media(path)), key=_natural)
    except OSError as error:
        raise SourceError(f"cannot look into {place}: {error.strerror}") from error
    if not found:
        kinds = f"images ({' '.join(_IMAGES)}) and videos ({' '.join(_VIDEOS)})"
        raise SourceError(f"no media in {place}: looked for {kinds}")
    return found


def _is_media(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_file():
        return False
    return path.suffix.lower() in (*_IMAGES, *_VIDEOS) or (not path.suffix and bool(_content(path)))


def _content(path: Path) -> Literal["image", "video"] | None:
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return None  # whoever opens it for decoding tells why it cannot be read
    return next((kind for at, magic, kind in _MAGIC if head[at:].startswith(magic)), None)


def _natural(path: Path) -> list[str | int]:
    words = re.split(r"(\d+)", path.as_posix().lower())
    return [int(word) if word.isdecimal() else word for word in words]


def _missing(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"no such file: {path} (the folder {folder} does not exist either)"
    try:
        names = [p.name for p in folder.iterdir()]
    except OSError:
        names = []
    near = difflib.get_close_matches(path.name, names, n=2, cutoff=0.6)
    hint = "did you mean " + " or ".join(near) + "?" if near else "check the name and the folder"
    return f"no such file: {path}: {hint}"
