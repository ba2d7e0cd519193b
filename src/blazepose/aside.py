"""Places to write to: folders, and files of which a half-written one never looks finished."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from blazepose.errors import OutputError


def made_folder(path: Path) -> Path:
    """The folder `path`, made with those above it where it is missing.

    Raises:
        OutputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot make the folder {path} ({error.strerror}): choose another place"
        ) from error
    return path


@contextlib.contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A place beside `path` to write to; renamed to `path` when all went well.

    Raises:
        OutputError: the file cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"cannot write {path} ({reason}): make room or choose another place"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
