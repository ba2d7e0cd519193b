"""The bench's side of a worker: a process that is asked, waited for and ended."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from blazepose.errors import BlazePoseError

_PATIENCE_S = 3600  # for one answer; longer only where something hangs
_END_S = 10


class WorkerError(BlazePoseError):
    """A worker that died, hangs, or answers what is no answer; the bench goes on without it."""


class WorkerProcess:
    """A worker in a process of its own; a context manager.

    Example:
        >>> with WorkerProcess(command, log=Path("worker.log")) as worker:
        ...     worker.ask("first", clip="squat.mp4")
    """

    def __init__(self, command: Sequence[str], *, log: Path) -> None:
        """Start it.

        Args:
            command: program and arguments.
            log: file for what it prints.

        Raises:
            WorkerError: it does not start.
        """
        self._log = log
        try:
            with log.open("wb") as output:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    encoding="utf-8",
                )
        except OSError as error:
            raise WorkerError(f"{command[0]} does not start ({error.strerror})") from error

    def ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        """Its answer to a request, see `workers.serve`.

        Raises:
            WorkerError: it died, or took far too long.
        """
        assert self._process.stdin
        assert self._process.stdout
        alarm = threading.Timer(_PATIENCE_S, self._process.kill)
        alarm.start()
        try:
            self._process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as error:  # a broken pipe, or an answer that ends early
            raise WorkerError(f"{what}: {self._last_words()}") from error
        finally:
            alarm.cancel()

    def __enter__(self) -> WorkerProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(OSError):  # it may be gone
            self._process.stdin.close()
        self._end(0 if error else _END_S)
        self._process.stdout.close()

    def _end(self, patience_s: float) -> None:
        """Wait until it has ended of itself, or end it."""
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _last_words(self) -> str:
        """Its last line on stderr, which for Python is the error."""
        self._end(_END_S)
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1] if said else f"it ended with code {self._process.returncode}"
