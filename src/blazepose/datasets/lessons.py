"""Lessons: what a teacher network says about the people of a data set, kept in one file.

A lesson fills in what labels lack (the other keypoints, depth, metres, visibility) and shows which
labels cannot be right. Made by `teach`, used by `survey` and by training.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from blazepose.aside import aside
from blazepose.errors import SourceError
from blazepose.shapes import Bool, Float32
from blazepose.skeleton import BLAZEPOSE33

AUXILIARY = 2
"""Points beyond the 33: centre and rim of the circle round the person."""

_POINTS = len(BLAZEPOSE33)
# What NumPy raises on files that are cut, overwritten or of another kind.
_DAMAGE = (OSError, KeyError, ValueError, TypeError, EOFError, BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Lessons:
    """A teacher's view of N people, in the order of the data set. NaN where it saw nobody.

    Attributes:
        points: (N, 35, 3) px of the image; the 33 points of `BLAZEPOSE33`, then centre and rim of
            the circle round the person; z in the same scale, 0 at mid-hip.
        world: (N, 33, 3) metres, origin mid-hip, in the camera's frame.
        visibility: (N, 33) 0..1.
        score: (N,) 0..1, a person is there.
        spread: (N,) how far the teacher's view of the mirrored image lies from its view of the
            image: mean distance of the limb joints, in parts of the region's side.
    """

    points: Float32[np.ndarray, "N P 3"]
    world: Float32[np.ndarray, "N K 3"]
    visibility: Float32[np.ndarray, "N K"]
    score: Float32[np.ndarray, " N"]
    spread: Float32[np.ndarray, " N"]

    def __len__(self) -> int:
        return len(self.score)

    @property
    def given(self) -> Bool[np.ndarray, " N"]:
        """For whom the teacher says anything."""
        return ~np.isnan(self.score)

    def of(self, people: Sequence[int]) -> Lessons:
        """The lessons on some of the people, in the order of their numbers in `people`."""
        return Lessons(**{name: values[list(people)] for name, values in vars(self).items()})

    @classmethod
    def blank(cls, count: int) -> Lessons:
        """Lessons on nobody yet."""
        return cls(
            *(
                np.full((count, *shape), np.nan, np.float32)
                for shape in ((_POINTS + AUXILIARY, 3), (_POINTS, 3), (_POINTS,), (), ())
            )
        )

    def write(self, path: Path) -> None:
        """Write an .npz file; it appears when it is complete.

        Raises:
            OutputError: it cannot be written.
        """
        with aside(path) as part, part.open("wb") as file:
            np.savez_compressed(file, **vars(self))

    @classmethod
    def read(cls, path: Path) -> Lessons:
        """Read what `write` wrote.

        Raises:
            SourceError: the file is missing or damaged.
        """
        try:
            with path.open("rb") as file, np.load(file) as arrays:
                return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})
        except _DAMAGE as error:
            raise SourceError(f"{path}: expected lessons of a teacher, got {error}") from error
