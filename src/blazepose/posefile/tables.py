"""Poses as tables: CSV, Parquet and NumPy's npz, written in constant memory.

CSV and Parquet are tidy: a row per frame, person and keypoint, with the columns `COLUMNS` and, for
an album, "file" with the photo's name; a frame without people has no row. CSV numbers are rounded
as in the jsonl file, and unknown ones are empty cells. An npz file has a row per frame and person:

    frame   (N,) int64         number of the frame in its clip, from 0
    time_s  (N,) float64       seconds from the start of the clip
    id      (N,) int64         stays with the person
    score   (N,) float32       0..1
    points  (N, K, 5) float32  x, y, z px; visibility, presence 0..1
    world   (N, K, 3) float32  metres, origin mid-hip
    file    (N,) str           name of the photo; only for an album
    names   (K,) str           keypoints
    header  () str             what the jsonl file has as its first line

Parquet carries that header line as schema metadata under "blazepose".
"""

from __future__ import annotations

import csv
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from blazepose.errors import MissingExtraError
from blazepose.pose import Frame, Pose
from blazepose.posefile.lines import PoseFileHeader, photo_in, plain, rounded

_POINT = ("x", "y", "z", "visibility", "presence")
_WORLD = ("world_x", "world_y", "world_z")
COLUMNS = ("frame", "time_s", "id", "score", "keypoint", *_POINT, *_WORLD)

_NAME_LENGTH = 512  # of a photo with its folders; the longest name alone is 255
_GROUP_PEOPLE = 2048  # in memory at once: 2 MB, 68,000 rows of a tidy table


class CsvTable:
    """A text table with a line of column names."""

    def __init__(self, part: Path, header: PoseFileHeader) -> None:
        self._header = header
        self._file = part.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        self._table = csv.writer(self._file, lineterminator="\n")
        self._table.writerow((*COLUMNS, "file") if header.album else COLUMNS)

    def write(self, frame: Frame, poses: Sequence[Pose]) -> None:
        """Add the people of a frame."""
        last = (photo_in(frame.source),) if self._header.album else ()
        for pose in poses:
            score = plain(np.round(np.float64(pose.score), 4))
            first = (frame.index, round(frame.time_s, 6), pose.id, score)
            points, world = rounded(pose)
            rows = zip(self._header.skeleton.names, plain(points), plain(world), strict=True)
            self._table.writerows((*first, name, *p, *w, *last) for name, p, w in rows)

    def close(self) -> None:
        """Complete the file."""
        self._file.close()


class NpzTable:
    """NumPy arrays; people are kept as records in a nameless file until their number is known."""

    def __init__(self, part: Path, header: PoseFileHeader) -> None:
        self._part = part
        self._header = header
        self._dtype = _record(header)
        self._spool = tempfile.TemporaryFile(dir=part.parent)  # noqa: SIM115 - until close

    def write(self, frame: Frame, poses: Sequence[Pose]) -> None:
        """Add the people of a frame."""
        self._spool.write(_records(frame, poses, self._dtype).tobytes())

    def close(self) -> None:
        """Complete the file: an array per field, copied group by group."""
        with self._spool, zipfile.ZipFile(self._part, "w") as archive:
            for field in self._dtype.names or ():
                self._put(archive, field)
            about = {"names": self._header.skeleton.names, "header": self._header.to_json()}
            for name, value in about.items():
                with archive.open(f"{name}.npy", "w") as file:
                    np.lib.format.write_array(file, np.array(value), allow_pickle=False)

    def _put(self, archive: zipfile.ZipFile, field: str) -> None:
        kind, shape = self._dtype[field].subdtype or (self._dtype[field], ())
        people = self._spool.seek(0, os.SEEK_END) // self._dtype.itemsize
        layout = {"descr": kind.str, "fortran_order": False, "shape": (people, *shape)}
        self._spool.seek(0)
        with archive.open(f"{field}.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array_header_1_0(file, layout)
            while chunk := self._spool.read(_GROUP_PEOPLE * self._dtype.itemsize):
                file.write(np.frombuffer(chunk, self._dtype)[field].tobytes())


class ParquetTable:
    """A columnar table, written in groups of rows."""

    def __init__(self, part: Path, header: PoseFileHeader) -> None:
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError:
            raise MissingExtraError("parquet output", "parquet") from None
        self._arrow = pyarrow
        self._header = header
        self._dtype = _record(header)
        self._waiting: list[np.ndarray] = []
        schema = self._table(np.zeros(0, self._dtype)).schema
        self._writer = pyarrow.parquet.ParquetWriter(part, schema)

    def write(self, frame: Frame, poses: Sequence[Pose]) -> None:
        """Add the people of a frame."""
        self._waiting.extend(_records(frame, poses, self._dtype)[:, None])
        if len(self._waiting) >= _GROUP_PEOPLE:
            self._flush()

    def close(self) -> None:
        """Complete the file."""
        try:
            self._flush()
        finally:
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(self._table(np.concatenate(self._waiting)))
            self._waiting.clear()

    def _table(self, people: np.ndarray) -> Any:
        names = self._header.skeleton.names
        columns: dict[str, Any] = {
            name: np.repeat(people[name], len(names)) for name in ("frame", "time_s", "id", "score")
        }
        order = np.tile(np.arange(len(names), dtype=np.int32), len(people))
        columns["keypoint"] = self._arrow.DictionaryArray.from_arrays(order, list(names))
        columns |= {name: people["points"][..., i].ravel() for i, name in enumerate(_POINT)}
        columns |= {name: people["world"][..., i].ravel() for i, name in enumerate(_WORLD)}
        if self._header.album:
            columns["file"] = np.repeat(people["file"], len(names))
        about = {"blazepose": self._header.to_json()}
        return self._arrow.table(columns).replace_schema_metadata(about)


def _record(header: PoseFileHeader) -> np.dtype[np.void]:
    """What is kept of one person in one frame."""
    keypoints = len(header.skeleton)
    fields: list[Any] = [("frame", "<i8"), ("time_s", "<f8"), ("id", "<i8"), ("score", "<f4")]
    fields += [("points", "<f4", (keypoints, 5)), ("world", "<f4", (keypoints, 3))]
    if header.album:
        fields.append(("file", f"<U{_NAME_LENGTH}"))
    return np.dtype(fields)


def _records(frame: Frame, poses: Sequence[Pose], dtype: np.dtype[np.void]) -> np.ndarray:
    records = np.zeros(len(poses), dtype)
    for record, pose in zip(records, poses, strict=True):
        record["frame"], record["time_s"] = frame.index, frame.time_s
        record["id"], record["score"] = pose.id, pose.score
        record["points"] = np.column_stack((pose.points, pose.visibility, pose.presence))
        record["world"] = pose.world
        if "file" in (dtype.names or ()):
            record["file"] = _as_text(photo_in(frame.source))
    return records


def _as_text(name: str) -> str:
    """A file's name; what of it is no UTF-8, which Parquet cannot hold, is escaped."""
    return name.encode(errors="backslashreplace").decode()
