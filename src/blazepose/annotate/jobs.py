"""Which media become which results, and where these lie.

Names and folders alone: two sources never get the same place, and no result lies where a source is.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from blazepose.errors import OutputError
from blazepose.video import media_files
from blazepose.video.media import camera_number, holds_image

FIGURE = "skeleton_3d.png"
_WRITABLE = (".jpg", ".jpeg", ".png")  # an annotated photo of another kind becomes PNG


@dataclass(frozen=True)
class Job:
    """Media with one folder of results: a clip, camera or stream, or an album of photos.

    Attributes:
        source: for `video.frames`.
        name: what people call it.
        folder: of the results.
        media: the annotated file that each source becomes, by `Frame.source`.
    """

    source: int | str | Path | tuple[Path, ...]
    name: str
    folder: Path
    media: dict[str, Path]

    def called(self, photo: str) -> str:
        """What poses files call a photo of an album: its path in the folder that all share."""
        return Path(photo).relative_to(self._shared).as_posix()

    @cached_property
    def _shared(self) -> str:
        assert isinstance(self.source, tuple)
        return _shared(self.source)

    @property
    def album(self) -> bool:
        """Photos, each by itself, rather than the frames of a clip."""
        return isinstance(self.source, tuple)


def plan(source: int | str | os.PathLike[str], folder: Path) -> list[Job]:
    """The jobs of a source: its photos together, each of several videos by itself.

    A clip and photos have their results in `folder`, each of several videos in a folder therein
    called after it; where a pattern finds media in several folders, these are made there too.

    Args:
        source: as for `video.frames`.
        folder: for the results; need not exist.

    Raises:
        SourceError: nothing there that can be read.
        OutputError: results would lie among the sources.
    """
    if (number := camera_number(source)) is not None:
        return [_camera(number, folder)]
    if isinstance(source, str) and "://" in source:
        return [_stream(source, folder)]
    assert not isinstance(source, int)
    files = media_files(source)
    is_photo = {file: holds_image(file) for file in files}
    photos = [file for file in files if is_photo[file]]
    videos = [file for file in files if not is_photo[file]]
    jobs = [_album(photos, folder)] if photos else []
    taken = [path for job in jobs for path in (*job.media.values(), folder / FIGURE)]
    places = dict.fromkeys(videos, folder)
    if len(files) > 1:
        places = _places(videos, folder, taken=taken)
    jobs += [_clip(file, place) for file, place in places.items()]
    _check_apart(files, jobs)
    return jobs


def _camera(number: int, folder: Path) -> Job:
    name = f"camera {number}"
    return Job(number, name, folder, {name: folder / f"camera_{number}.mp4"})


def _stream(url: str, folder: Path) -> Job:
    parts = urlsplit(url)  # the name is a part of it that holds neither password nor token
    name = PurePosixPath(parts.path).name or parts.hostname or "stream"
    return Job(url, name, folder, {url: folder / f"{Path(name).stem}.mp4"})


def _clip(file: Path, folder: Path) -> Job:
    return Job(file, readable(file.name), folder, {str(file): folder / f"{file.stem}.mp4"})


def _album(photos: list[Path], folder: Path) -> Job:
    places = _places(photos, folder, suffix=_photo_suffix, taken=[folder / FIGURE])
    name = readable(photos[0].name) if len(photos) == 1 else f"{len(photos)} photos"
    return Job(tuple(photos), name, folder, {str(file): places[file] for file in photos})


def _photo_suffix(photo: Path) -> str:
    return photo.suffix if photo.suffix.lower() in _WRITABLE else ".png"


def _places(
    files: Sequence[Path],
    folder: Path,
    *,
    suffix: Callable[[Path], str] = lambda file: "",
    taken: Iterable[Path] = (),
) -> dict[Path, Path]:
    """Each file's place in `folder`, as the files lie in the folder they share, with a new suffix.

    Files that would meet there (a.mov and a.mp4) keep their own suffix before the new one, and
    have a number where another one is called so.
    """
    if not files:
        return {}
    shared = _shared(files)
    places = {file: folder / file.relative_to(shared).with_suffix(suffix(file)) for file in files}
    count = Counter([*places.values(), *taken])
    used = {*taken, *(place for place in places.values() if count[place] == 1)}
    for file, place in places.items():
        if count[place] > 1:
            places[file] = _free(place.with_name(file.name + suffix(file)), used)
            used.add(places[file])
    return places


def _free(place: Path, used: Collection[Path]) -> Path:
    """The place, or if that is used one with a number."""
    numbered = (place.with_stem(f"{place.stem}-{number}") for number in itertools.count(2))
    return next(path for path in itertools.chain([place], numbered) if path not in used)


def readable(name: str) -> str:
    """A file's name for people: what of it is no text shows as a question mark."""
    return os.fsencode(name).decode(errors="replace")


def _shared(files: Sequence[Path]) -> str:
    """The folder that files share."""
    return os.path.commonpath([file.parent for file in files])


def _is_same(one: Path, other: Path) -> bool:
    """By the file system's word, for which `a.MP4` may be `a.mp4`."""
    with contextlib.suppress(OSError):  # one of them is not there
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _check_apart(files: list[Path], jobs: list[Job]) -> None:
    """Results must not replace a source; among many they would be taken for sources next time."""
    results = [path for job in jobs for path in (*job.media.values(), job.folder / FIGURE)]
    if len(files) == 1:
        clash = {path.parent for path in results if _is_same(path, files[0])}
    else:
        sources = {folder.resolve() for folder in {file.parent for file in files}}
        folders = {path.parent for path in results}
        clash = {folder for folder in folders if folder.resolve() in sources}
    if clash:
        raise OutputError(
            f"the results would lie among the sources in {min(clash)}: choose another folder"
        )
