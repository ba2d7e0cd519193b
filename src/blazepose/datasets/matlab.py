"""MATLAB files of annotations, opened with scipy."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

from blazepose.errors import MissingExtraError, SourceError

# What scipy raises on files that are cut or no MATLAB files at all.
_DAMAGE = (OSError, ValueError, TypeError, LookupError, EOFError, struct.error, zlib.error)


def load_matlab(path: Path, variable: str) -> Any:
    """A variable of a .mat file of version 7.2 or older; structs become records.

    Raises:
        MissingExtraError: scipy is not installed.
        SourceError: the file is missing, damaged, or does not hold the variable.
    """
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise MissingExtraError("reading MATLAB labels", "train") from error
    try:
        return loadmat(path, squeeze_me=False, struct_as_record=False)[variable]
    except (MatReadError, NotImplementedError, *_DAMAGE) as error:
        raise SourceError(
            f"{path}: expected a MATLAB file with {variable!r}, got {error}"
        ) from error
