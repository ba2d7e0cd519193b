"""Files that poses are written into while a clip goes on, whatever their format.

Files grow under the name `NAME.part` and get their own name when they are complete. A clip that
ends early, by Ctrl-C or because its file is cut, keeps what was done; after any other error the
part files stay as they are.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from blazepose.aside import claimed
from blazepose.errors import OutputError, SourceError, did_you_mean
from blazepose.pose import Frame, Pose
from blazepose.posefile.lines import JsonLines, PoseFileHeader
from blazepose.posefile.tables import CsvTable, NpzTable, ParquetTable

_Sink = JsonLines | CsvTable | NpzTable | ParquetTable
_SINKS: dict[str, Callable[[Path, PoseFileHeader], _Sink]] = {
    "jsonl": JsonLines,
    "csv": CsvTable,
    "npz": NpzTable,
    "parquet": ParquetTable,
}
FORMATS = tuple(_SINKS)


class PoseWriter:
    """Files that grow by a frame at a time; a context manager, made by `open_pose_files`."""

    def __init__(self, sinks: dict[Path, _Sink], claims: contextlib.ExitStack) -> None:
        self._sinks, self._claims = sinks, claims

    @property
    def paths(self) -> list[Path]:
        """The files as they are called once complete."""
        return list(self._sinks)

    def write(self, frame: Frame, poses: Sequence[Pose]) -> None:
        """Add a frame to every file.

        Raises:
            OutputError: the disk is full or not writable any more.
        """
        for path, sink in self._sinks.items():
            with _output_errors(path):
                sink.write(frame, poses)

    def __enter__(self) -> PoseWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        keep = error is None or isinstance(error, KeyboardInterrupt | SourceError)
        with (
            self._claims,
            contextlib.ExitStack() as stack,
        ):  # one file that fails keeps no other from its end
            for path, sink in self._sinks.items():
                stack.callback(_complete if keep else _leave, path, sink)


def open_pose_files(
    stem: Path, header: PoseFileHeader, *, formats: Sequence[str] = ("jsonl",)
) -> PoseWriter:
    """Start files `STEM.FORMAT` for the poses of one clip; memory stays constant while they grow.

    Args:
        stem: folder and name without suffix; the folder is made if it is missing.
        header: what is known of the clip.
        formats: of `FORMATS`.

    Raises:
        OutputError: a format is unknown, a file cannot be made there, or another run writes it.
        MissingExtraError: parquet without pyarrow.
    """
    for name in formats:
        if name not in FORMATS:
            raise OutputError(f"unknown format {name!r} for poses: {did_you_mean(name, FORMATS)}")
    sinks: dict[Path, _Sink] = {}
    with contextlib.ExitStack() as claims, contextlib.ExitStack() as opened:
        for name in dict.fromkeys(formats):
            path = stem.with_name(f"{stem.name}.{name}")
            with _output_errors(path):
                stem.parent.mkdir(parents=True, exist_ok=True)
                claims.enter_context(claimed(_part(path)))
                opened.callback(_part(path).unlink, missing_ok=True)  # if one fails to open
                sinks[path] = _SINKS[name](_part(path), header)
            opened.callback(_leave, path, sinks[path])
        opened.pop_all()
        return PoseWriter(sinks, claims.pop_all())


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _complete(path: Path, sink: _Sink) -> None:
    with _output_errors(path):
        sink.close()
        _part(path).replace(path)


def _leave(path: Path, sink: _Sink) -> None:
    with contextlib.suppress(OSError):  # there is an earlier error to tell about
        sink.close()


@contextlib.contextmanager
def _output_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"cannot write {path} ({reason}): choose another folder") from error
