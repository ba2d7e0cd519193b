"""Which media become which results, and where these lie.

Names and folders alone: two sources never get the same place, and no result lies where a source is.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from blazepose.errors import OutputError
from blazepose.video import media_files
from blazepose.video.media import holds_image

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
    if isinstance(source, int) or (isinstance(source, str) and source.isdecimal()):
        return [_camera(source, folder)]
    if isinstance(source, str) and "://" in source:
        return [_stream(source, folder)]
    files = media_files(source)
    is_photo = {file: holds_image(file) for file in files}
    photos = [file for file in files if is_photo[file]]
    videos = [file for file in files if not is_photo[file]]
    places = dict.fromkeys(videos, folder) if len(files) == 1 else _places(videos, folder)
    jobs = [_album(photos, folder)] if photos else []
    jobs += [_clip(file, place) for file, place in places.items()]
    _check_apart(files, jobs)
    return jobs


def _camera(number: int | str, folder: Path) -> Job:
    name = f"camera {number}"
    return Job(number, name, folder, {name: folder / f"camera_{number}.mp4"})


def _stream(url: str, folder: Path) -> Job:
    parts = urlsplit(url)  # the name is a part of it that holds neither password nor token
    name = PurePosixPath(parts.path).name or parts.hostname or "stream"
    return Job(url, name, folder, {url: folder / f"{Path(name).stem}.mp4"})


def _clip(file: Path, folder: Path) -> Job:
    return Job(file, file.name, folder, {str(file): folder / f"{file.stem}.mp4"})


def _album(photos: list[Path], folder: Path) -> Job:
    places = _places(photos, folder, suffix=_photo_suffix, taken=[folder / FIGURE])
    name = photos[0].name if len(photos) == 1 else f"{len(photos)} photos"
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

    Files that would meet there (a.mov and a.mp4) keep their own suffix before the new one.
    """
    if not files:
        return {}
    shared = os.path.commonpath([file.parent for file in files])
    places = {file: folder / file.relative_to(shared).with_suffix(suffix(file)) for file in files}
    count = Counter([*places.values(), *taken])
    return {
        file: place if count[place] == 1 else place.with_name(file.name + suffix(file))
        for file, place in places.items()
    }


def _check_apart(files: list[Path], jobs: list[Job]) -> None:
    """Results must not replace a source; among many they would be taken for sources next time."""
    results = [path for job in jobs for path in job.media.values()]
    if len(files) == 1:
        clash = {path.parent for path in results if path.resolve() == files[0].resolve()}
    else:
        sources = {folder.resolve() for folder in {file.parent for file in files}}
        folders = {path.parent for path in results}
        clash = {folder for folder in folders if folder.resolve() in sources}
    if clash:
        raise OutputError(
            f"the results would lie among the sources in {min(clash)}: choose another folder"
        )
