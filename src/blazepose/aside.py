"""Places to write to: folders, and files of which a half-written one never looks finished."""

from __future__ import annotations

import contextlib
import os
import sys
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
def claimed(part: Path) -> Iterator[None]:
    """Keep every other run from writing a part file meanwhile.

    Raises:
        OutputError: another one writes it.
        OSError: it cannot be made.
    """
    if sys.platform == "win32":  # where no file can be renamed that is open
        yield
        return
    import fcntl

    with part.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(
                f"{part} is being written by another run: choose another folder, or wait"
            ) from error
        except OSError:
            pass  # a file system without locks
        yield


@contextlib.contextmanager
def aside(path: Path, *, lasting: bool = False) -> Iterator[Path]:
    """A place beside `path` to write to; renamed to `path` when all went well.

    Args:
        path: of the file.
        lasting: wait until it lies on the disk, so that after a power cut there is the old file or
            the new one; costs some hundredths of a second.

    Raises:
        OutputError: the file cannot be written.
    """
    if path.is_dir():
        raise OutputError(f"cannot write {path}, it is a folder: name a file in it")
    part = path.with_name(path.name + ".part")
    try:
        yield part
        if lasting:
            with part.open("r+b") as file:
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"cannot write {path} ({reason}): make room or choose another place"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
