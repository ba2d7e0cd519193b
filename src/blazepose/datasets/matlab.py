"""MATLAB files of annotations, opened with scipy."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from blazepose.errors import MissingExtraError, SourceError

# What scipy raises on files that are cut or no MATLAB files at all.
_DAMAGE = (OSError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error)


def load_matlab(path: Path, variable: str) -> Any:
    """A variable of a .mat file of version 7.2 or older; structs have their fields as attributes.

    Raises:
        MissingExtraError: scipy is not installed.
        SourceError: the file is missing, damaged, or does not hold the variable.
    """
    with _opened(path, variable) as matlab:
        return matlab.loadmat(path, struct_as_record=False)[variable]


def matlab_shape(path: Path, variable: str) -> tuple[int, ...]:
    """The shape of such a variable without loading it; () where it is not there."""
    with _opened(path, variable) as matlab:
        return next((shape for name, shape, _ in matlab.whosmat(path) if name == variable), ())


@contextlib.contextmanager
def _opened(path: Path, variable: str) -> Iterator[Any]:
    """The module of scipy; what goes wrong inside the block is the file's fault."""
    try:
        from scipy.io import matlab
    except ImportError as error:
        raise MissingExtraError("reading MATLAB labels", "eval") from error
    try:
        yield matlab
    except (matlab.MatReadError, NotImplementedError, *_DAMAGE) as error:
        raise SourceError(
            f"{path}: expected a MATLAB file with {variable!r}, got {error}"
        ) from error
