"""poses.jsonl: a line of JSON about the clip, then a line per frame, and back.

Numbers are rounded to 0.01 px, 0.1 mm and 0.0001 of a score; one that is not finite is written as
null and read as NaN. A frame without people has its line too. A skeleton that has no name in
`skeleton.SKELETONS` stands in the header with its keypoints and edges.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from blazepose import __version__
from blazepose.errors import SourceError
from blazepose.pose import Frame, Pose, Roi
from blazepose.shapes import Float32, Float64
from blazepose.skeleton import BLAZEPOSE33, SKELETONS, Skeleton, skeleton

_KEYS = ("blazepose", "model", "source", "width", "height", "fps")

SUFFIXES = (".jsonl", ".part")
"""Of files that can be read again; the second of what an interrupted run left."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PoseFileHeader:
    """What a poses file says of its clip.

    Attributes:
        model: name or file of the network.
        source: path, URL or "camera N".
        width: px of the frames; None for photos, of which each line says file, width and height.
        height: px, as `width`.
        fps: frames per second of the clip; None for photos and where it is unknown.
        skeleton: what the points are.
        blazepose: version of the package that wrote the file.
    """

    model: str
    source: str
    width: int | None
    height: int | None
    fps: float | None
    skeleton: Skeleton = BLAZEPOSE33
    blazepose: str = __version__

    @property
    def album(self) -> bool:
        """Whether the frames are photos, each with a file and a size of its own."""
        return self.width is None or self.height is None

    def to_json(self) -> str:
        """The header as the first line of a poses file, without the line end."""
        name, known = self.skeleton.name, SKELETONS.get(self.skeleton.name)
        points = name if self.skeleton == known else self.skeleton.to_json()
        return _json({key: getattr(self, key) for key in _KEYS} | {"skeleton": points})

    @classmethod
    def from_json(cls, line: str | bytes) -> PoseFileHeader:
        """The inverse of `to_json`; ValueError, TypeError or KeyError for another text."""
        content = json.loads(line)
        known = {key: content[key] for key in _KEYS}
        for key, kind in (("width", int), ("height", int), ("fps", float)):
            if known[key] is not None:
                known[key] = kind(known[key])
        points = content["skeleton"]
        own = Skeleton.from_json(points) if isinstance(points, dict) else skeleton(points)
        return cls(**known, skeleton=own)


@dataclass(frozen=True, eq=False)
class PoseFrame:
    """The people in one frame, as read from a file.

    Attributes:
        index: number of the frame in its clip, from 0.
        time_s: seconds from the start of the clip.
        people: everybody in the frame; a file holds no ROI, so each has the square around the
            person's points.
        width: px of the frame.
        height: px of the frame.
        file: the photo, by its path in the folder of all photos; empty for a clip.
    """

    index: int
    time_s: float
    people: list[Pose]
    width: int
    height: int
    file: str = ""


class JsonLines:
    """A line per frame, on disk as soon as it is written."""

    def __init__(self, part: Path, header: PoseFileHeader) -> None:
        self._album = header.album
        # Names of files need not be UTF-8: JSON has an escape for what is not.
        self._file = part.open("w", encoding="utf-8", errors="backslashreplace")
        self._file.write(header.to_json() + "\n")

    def write(self, frame: Frame, poses: Sequence[Pose]) -> None:
        """Add the line of a frame."""
        line: dict[str, Any] = {"frame": frame.index, "time_s": round(frame.time_s, 6)}
        if self._album:
            height, width = frame.pixels.shape[:2]
            line |= {"file": photo_in(frame.source), "width": width, "height": height}
        line["people"] = [_encode(pose) for pose in poses]
        self._file.write(_json(line) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


def read_poses(path: str | Path) -> tuple[PoseFileHeader, Iterator[PoseFrame]]:
    """Read a poses.jsonl file, or what an interrupted run left of one (.jsonl.part).

    Returns:
        The header, and the frames in the order of the file, read while they are asked for.

    Raises:
        SourceError: the file cannot be read or is no poses file; while reading frames, a line is
            damaged.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            header = PoseFileHeader.from_json(file.readline())
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror}; expected a poses file") from error
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise SourceError(
            f"{path} is no poses file: its first line should describe the clip ({_why(error)}); "
            "take a .jsonl file that `blazepose track` wrote"
        ) from error
    return header, _read_frames(path, header)


def photo_in(source: str) -> str:
    """What files call a photo: its path in the folder of all photos; of a whole path the name."""
    path = Path(source)
    return path.name if path.is_absolute() else path.as_posix()


def rounded(pose: Pose) -> tuple[Float64[np.ndarray, "K 5"], Float64[np.ndarray, "K 3"]]:
    """Points (x, y, z, visibility, presence) and world points, rounded as in the file."""
    parts = ((pose.points, 2), (pose.visibility, 4), (pose.presence, 4), (pose.world, 4))
    # As float64: a rounded float32 would print with 17 digits.
    xyz, visible, present, world = (np.round(v.astype(np.float64), n) for v, n in parts)
    return np.column_stack((xyz, visible, present)), world


def plain(values: Float64[np.ndarray, "..."] | np.float64) -> Any:
    """Numbers as lists; None stands for NaN and infinity, which JSON does not know."""
    finite = np.isfinite(values)
    if finite.all():
        return values.tolist()
    return np.where(finite, values, np.array(None)).tolist()


def _read_frames(path: Path, header: PoseFileHeader) -> Iterator[PoseFrame]:
    with path.open("rb") as file:
        file.readline()
        for number, line in enumerate(file, 2):
            if path.suffix == ".part" and not line.endswith(b"\n"):
                _log.warning("%s ends within line %d", path, number)
                return
            if not line.strip():  # as editors leave one at the end
                continue
            try:
                yield _decode_line(line, header)
            except (ValueError, TypeError, KeyError, OverflowError) as error:
                raise SourceError(
                    f"{path}, line {number} is damaged ({_why(error)}): "
                    "remove it or write the file anew"
                ) from error


def _decode_line(line: bytes, header: PoseFileHeader) -> PoseFrame:
    content = json.loads(line)
    size: dict[str, Any] = {"width": header.width, "height": header.height} | content
    return PoseFrame(
        index=int(content["frame"]),
        time_s=float(content["time_s"]),
        people=[_decode(person, header.skeleton) for person in content["people"]],
        width=int(size["width"]),
        height=int(size["height"]),
        file=str(content.get("file", "")),
    )


def _encode(pose: Pose) -> dict[str, Any]:
    points, world = rounded(pose)
    score = np.round(np.float64(pose.score), 4)
    return {"id": pose.id, "score": plain(score), "points": plain(points), "world": plain(world)}


def _decode(person: dict[str, Any], points_of: Skeleton) -> Pose:
    points = _array(person["points"], (len(points_of), 5))
    return Pose(
        points=points[:, :3],
        world=_array(person["world"], (len(points_of), 3)),
        visibility=points[:, 3],
        presence=points[:, 4],
        score=float(_array(person["score"], ())),
        roi=_roi_around(points[:, :2]),
        id=int(person["id"]),
        skeleton=points_of,
    )


def _why(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)


def _array(values: Any, shape: tuple[int, ...]) -> Float32[np.ndarray, "..."]:
    array = np.array(values, np.float32)  # None becomes NaN
    if array.shape != shape:
        raise ValueError(f"numbers of shape {shape} expected, got {array.shape}")
    return array


def _roi_around(points_xy: Float32[np.ndarray, "K 2"]) -> Roi:
    known = points_xy[np.isfinite(points_xy).all(axis=1)]
    if not len(known):
        return Roi((0.0, 0.0), 0.0)
    low, high = known.min(axis=0), known.max(axis=0)
    x, y = (low + high) / 2
    return Roi((float(x), float(y)), float((high - low).max()))


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
