"""OpenVINO, the default: fastest on x86, and it reads .tflite and .onnx as they are."""

from __future__ import annotations

import hashlib
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import numpy as np

from blazepose import __version__
from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes import compiled, graph, heads, split
from blazepose.runtimes.ending import hold_at_the_end
from blazepose.runtimes.heads import Head
from blazepose.runtimes.lending import Lending
from blazepose.runtimes.protocol import MOST_BEGUN, Begun, Network, Precision, first_of
from blazepose.runtimes.split import Parts

_LOG = logging.getLogger(__name__)
_WAITING = 2  # pictures that no thread has to wait for; more gain nothing
_ALL_ON_ONE = 0  # pictures at once: one, by all threads
_BEGUN_AT_ONCE = 2  # pictures of `begin`, whose caller needs them in their order
# What a compiled network depends on.
_CODE = (__file__, graph.__file__, split.__file__, heads.__file__)


class OpenVinoRuntime:
    """A network with uint8 input, compiled when it is first needed; see `protocol.Runtime`.

    One picture is computed by all threads together, several at a time by one thread each.
    """

    def __init__(
        self,
        read: Callable[[], Parts],
        *,
        threads: int | None,
        precision: str,
        read_again: Callable[[], Parts] | None = None,
    ) -> None:
        """Compile nothing yet.

        Args:
            read: gives the network whenever it is compiled; what it gives is let go then.
            threads: see `runtimes.load`.
            precision: "bf16" or "f32".
            read_again: gives it where what `read` gives was compiled before and cannot be taken.
        """
        self._read, self._threads, self._precision = read, threads, precision
        self._read_again = read_again
        self._names: tuple[str, ...] = ()  # of the outputs, once it is compiled
        self._heads: tuple[Head, ...] = ()
        self._compiled_for: dict[int, Any] = {}
        self._compiling = Lock()
        self._process: int | None = None  # that compiles it
        self._lending = Lending()

    def compile_now(self) -> None:
        """Compile for single pictures, which tells whether OpenVINO can."""
        self._compiled(_ALL_ON_ONE)

    def exported(self) -> compiled.Compiled:
        """The network as it is compiled, to be opened faster."""
        trunk = self._compiled(_ALL_ON_ONE).export_model().getvalue()
        return compiled.Compiled(trunk, self._heads, self._names)

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on RGB pictures (N, S, S, 3) uint8."""
        if len(images) == 1:
            request = self._one()
            request.start(images)
            return request.wait()
        found = [{name: v.copy() for name, v in one.items()} for one in self.each(images)]
        return {name: np.stack([f[name] for f in found]) for name in found[0]}

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        """Run the network on RGB pictures (S, S, 3) uint8, one in each thread."""
        free, busy = deque(self._several), deque[_Request]()
        try:
            for image in images:
                busy.append(free.popleft())
                busy[-1].start(image[None])
                if not free:
                    yield first_of(busy[0].wait())
                    free.append(busy.popleft())
            while busy:
                yield first_of(busy[0].wait())
                busy.popleft()
        finally:
            for request in busy:
                request.wait()

    @property
    def threads(self) -> int:
        """See `protocol.SideBySide`."""
        return self._threads or os.cpu_count() or 1

    def begin(self, image: np.ndarray) -> Begun:
        """Begin with an RGB picture (S, S, 3) uint8; see `protocol.SideBySide`."""
        self._lending.began()
        request = self._next_begun()
        request.start(image[None])
        return lambda: first_of(request.wait())

    def prepare(self, *, begin: bool) -> None:
        """See `protocol.SideBySide`; what `begin` needs will do for a few calls, too."""
        self._lending.prepare(begin=begin, own_is_there=_ALL_ON_ONE in self._compiled_for)
        if begin or not self._lending.lends:
            self._compile_soon(self._begun_at_once if begin else _ALL_ON_ONE)

    def _compile_soon(self, at_once: int) -> None:
        def compile_it() -> None:
            with suppress(Exception):  # whoever needs it comes across it again
                self._compiled(at_once)

        if at_once not in self._compiled_for:
            Thread(target=compile_it).start()  # a program that ends waits for it

    def _one(self) -> _Request:
        """For one picture: all threads together, or as one of those that begin while few ask."""
        if not self._lending.lends:
            return self._single
        call = self._lending.called()
        if call.compiles_own:
            self._compile_soon(_ALL_ON_ONE)
        request = self._borrowed
        if call.is_last:  # its memory is free for others
            for lent in ("_borrowed", "_begun"):
                self.__dict__.pop(lent, None)
            self._compiled_for.pop(self._begun_at_once)
        return request

    def _next_begun(self) -> _Request:
        self._begun.rotate(-1)
        return self._begun[-1]

    @cached_property
    def _several(self) -> list[_Request]:
        """More than can run side by side: one is being read, and `_WAITING` are next."""
        count = self.threads + 1 + _WAITING
        return [self._request(at_once=self.threads) for _ in range(count)]

    @cached_property
    def _begun(self) -> deque[_Request]:
        """Those of `begin`, the one that began first in front."""
        return deque(self._request(at_once=self._begun_at_once) for _ in range(MOST_BEGUN))

    @cached_property
    def _borrowed(self) -> _Request:
        """Of calls: one of those of `begin` may be on its way for somebody else."""
        return self._request(at_once=self._begun_at_once)

    @property
    def _begun_at_once(self) -> int:
        return min(_BEGUN_AT_ONCE, self.threads)

    @cached_property
    def _single(self) -> _Request:
        return self._request(at_once=_ALL_ON_ONE)

    def _request(self, *, at_once: int) -> _Request:
        turned = self._precision == "bf16"
        trunk = self._compiled(at_once)
        return _Request(trunk, self._heads, self._names, channels_first=turned)

    def _compiled(self, at_once: int) -> Any:
        """The trunk, compiled once for so many pictures at a time."""
        if self._process is not None:
            _check_process(self._process)
        self._process = os.getpid()
        with self._compiling:
            if at_once not in self._compiled_for:
                self._compiled_for[at_once] = self._compile(at_once)
            return self._compiled_for[at_once]

    def _compile(self, at_once: int) -> Any:
        parts = self._read()
        self._heads, self._names = parts.heads, parts.names
        options = self._options(at_once)
        from_bytes = isinstance(parts.trunk, bytes)
        make = graph.core().import_model if from_bytes else graph.core().compile_model
        try:
            return make(parts.trunk, "CPU", options)
        except RuntimeError:
            if self._read_again is None:
                raise
            whole = self._read_again()
            self._read, self._read_again = lambda: whole, None
            return self._compile(at_once)

    def _options(self, at_once: int) -> dict[str, Any]:
        hint = "LATENCY" if at_once == _ALL_ON_ONE else "THROUGHPUT"
        options: dict[str, Any] = {
            "PERFORMANCE_HINT": hint,
            "INFERENCE_PRECISION_HINT": self._precision,
        }
        if at_once != _ALL_ON_ONE:
            options["NUM_STREAMS"] = at_once
        if self._threads is not None:
            # Whoever counts threads shares the machine, and OpenVINO knows only of this process:
            # several would all be held to the first core.
            options |= {"INFERENCE_NUM_THREADS": self._threads, "ENABLE_CPU_PINNING": False}
        return options


class _Request:
    """A network with buffers of its own for one picture."""

    def __init__(
        self, trunk: Any, heads: Sequence[Head], names: Sequence[str], *, channels_first: bool
    ) -> None:
        self._process = os.getpid()
        self._trunk = trunk.create_infer_request()
        self._input = self._trunk.get_input_tensor(0).data  # a view: what is written is seen
        self._is_running = False
        values = [self._trunk.get_output_tensor(i).data for i in range(len(trunk.outputs))]
        count = len(names) - len(heads)
        turned = _channels_last if channels_first else np.asarray
        self._maps = dict(zip(names[:count], map(turned, values[:count]), strict=True))
        self._features = values[count:]
        self._heads = dict(zip(names[count:], heads, strict=True))

    def start(self, image: np.ndarray) -> None:
        """Begin with a picture (1, S, S, 3); one whose outputs nobody asked for is let finish."""
        _check_process(self._process)
        hold_at_the_end()
        if self._is_running:
            self._trunk.wait()
        self._input[:] = image
        self._trunk.start_async()
        self._is_running = True

    def wait(self) -> dict[str, np.ndarray]:
        """The outputs, valid until the next `start`."""
        self._trunk.wait()
        self._is_running = False
        numbers = {name: h(self._features[h.features]) for name, h in self._heads.items()}
        return self._maps | numbers


def _check_process(compiled_in: int) -> None:
    """A fork has none of the threads that would compute: it would wait for ever."""
    if compiled_in != os.getpid():
        raise RuntimeError(
            "networks do not go along into a forked process: make the Tracker in each process, "
            "or start processes with the method 'spawn'"
        )


def open_model(
    path: Path, network: Network, name: str, threads: int | None, precision: Precision
) -> OpenVinoRuntime:
    """Read, cut to the outputs asked for, and compile for the CPU, or take the copy kept of it."""
    is_mixed = precision == "mixed" or (precision == "auto" and graph.has_bfloat16())
    computes_in = "bf16" if is_mixed else "f32"
    copy = compiled.place(path, repr((network, computes_in, _circumstances())))

    def read_again() -> Parts:
        assert copy
        _LOG.info("%s is compiled again: OpenVINO does not take %s", name, copy)
        with suppress(OSError):  # a cache that others wrote
            copy.unlink()
        parts = graph.parts_of(path, network, name, is_mixed=is_mixed)
        assert parts  # it was kept
        return parts

    def read() -> Parts:
        kept = compiled.read(copy) if copy else None
        return Parts(kept.trunk, kept.heads, kept.names) if kept else read_again()

    if copy and compiled.is_kept(copy):
        return OpenVinoRuntime(read, threads=threads, precision=computes_in, read_again=read_again)
    if (parts := graph.parts_of(path, network, name, is_mixed=is_mixed)) is None:
        _LOG.info("%s computes in float32: its coordinates come from more than a layer", name)
        return open_model(path, network, name, threads, "float32")
    runtime = OpenVinoRuntime(lambda: parts, threads=threads, precision=computes_in)
    try:
        runtime.compile_now()
    except RuntimeError as error:
        raise graph.unusable(name) from error
    if copy:
        compiled.write(copy, runtime.exported())
    return runtime


@cache
def _circumstances() -> str:
    """All that a compiled network depends on besides its model: this code, too."""
    try:
        code = b"".join(Path(file).read_bytes() for file in _CODE)
    except OSError:  # in programs that were frozen
        code = __version__.encode()
    processor = ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")
    names = [str(graph.core().get_property("CPU", name)) for name in processor]
    return " ".join((str(ov.get_version()), *names, hashlib.sha256(code).hexdigest()))


def _channels_last(values: np.ndarray) -> np.ndarray:
    """A view of a map (1, C, H, W) as (1, H, W, C); other arrays as they are."""
    return values.transpose(0, 2, 3, 1) if values.ndim == 4 else values
