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
from blazepose.errors import ModelError
from blazepose.no_telemetry import openvino as ov
from blazepose.runtimes import compiled, heads, split
from blazepose.runtimes.heads import Head
from blazepose.runtimes.protocol import (
    MOST_BEGUN,
    Begun,
    Network,
    Precision,
    first_of,
    match_outputs,
)
from blazepose.runtimes.split import Parts

_LOG = logging.getLogger(__name__)
_WAITING = 2  # pictures that no thread has to wait for; more gain nothing
_ALL_ON_ONE = 0  # pictures at once: one, by all threads
_BEGUN_AT_ONCE = 2  # pictures of `begin`, whose caller needs them in their order
# Calls in a row that are not worth compiling for, as somebody may be lost for a moment; it is
# compiled for them, meanwhile, from `_SOON` on, and at once where there are calls alone.
_FEW, _SOON, _AT_ONCE = 24, 8, 2
_CODE = (__file__, split.__file__, heads.__file__)  # what a compiled network depends on
_READERS = {".tflite": "tflite", ".onnx": "onnx", ".xml": "ir"}


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
        self._may_begin = False
        self._lends, self._calls = False, 0  # those of `begin` to calls; calls in a row so far

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
        self._calls = 0
        request = self._next_begun()
        request.start(image[None])
        return lambda: first_of(request.wait())

    def prepare(self, *, begin: bool) -> None:
        """See `protocol.SideBySide`; what `begin` needs will do for a few calls, too."""
        self._may_begin = begin
        self._lends |= begin and _ALL_ON_ONE not in self._compiled_for
        if begin or not self._lends:
            self._compile_soon(self._begun_at_once if begin else _ALL_ON_ONE)

    def _compile_soon(self, at_once: int) -> None:
        def compile_it() -> None:
            with suppress(Exception):  # whoever needs it comes across it again
                self._compiled(at_once)

        if at_once not in self._compiled_for:
            Thread(target=compile_it).start()  # a program that ends waits for it

    def _one(self) -> _Request:
        """For one picture: all threads together, or one of those that begin while few ask."""
        if not self._lends:
            return self._single
        self._calls += 1
        if self._calls == (_SOON if self._may_begin else _AT_ONCE):
            self._compile_soon(_ALL_ON_ONE)
        self._lends = self._calls < _FEW
        request = self._next_begun()
        if not self._lends and not self._may_begin:  # its memory is free for others
            del self._begun
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
        make = _core().import_model if from_bytes else _core().compile_model
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
    is_mixed = precision == "mixed" or (precision == "auto" and has_bfloat16())
    computes_in = "bf16" if is_mixed else "f32"
    copy = compiled.place(path, repr((network, computes_in, _circumstances())))

    def read_again() -> Parts:
        assert copy
        _LOG.info("%s is compiled again: OpenVINO does not take %s", name, copy)
        with suppress(OSError):  # a cache that others wrote
            copy.unlink()
        parts = _parts(path, network, name, is_mixed=is_mixed)
        assert parts  # it was kept
        return parts

    def read() -> Parts:
        kept = compiled.read(copy) if copy else None
        return Parts(kept.trunk, kept.heads, kept.names) if kept else read_again()

    if copy and compiled.is_kept(copy):
        return OpenVinoRuntime(read, threads=threads, precision=computes_in, read_again=read_again)
    if (parts := _parts(path, network, name, is_mixed=is_mixed)) is None:
        _LOG.info("%s computes in float32: its coordinates come from more than a layer", name)
        return open_model(path, network, name, threads, "float32")
    runtime = OpenVinoRuntime(lambda: parts, threads=threads, precision=computes_in)
    try:
        runtime.compile_now()
    except RuntimeError as error:
        raise _unusable(name) from error
    if copy:
        compiled.write(copy, runtime.exported())
    return runtime


def _parts(path: Path, network: Network, name: str, *, is_mixed: bool) -> Parts | None:
    """The network in a model file, cut to the outputs asked for; None: it cannot be mixed."""
    model = read_model(path, name=name)
    found = match_outputs(network, name, _shapes(model.inputs), _shapes(model.outputs))
    wanted = [model.outputs[index] for index in found.values()]
    try:
        if model.is_dynamic():  # a free batch axis costs a third of the speed on a CPU
            model.reshape([1, network.size, network.size, 3])
        cut = ov.Model(wanted, model.get_parameters())
        cut = _with_our_ports(cut, network, channels_first=is_mixed)
        return split.split(cut, list(found)) if is_mixed else Parts(cut, (), tuple(found))
    except RuntimeError as error:
        raise _unusable(name) from error


def _unusable(name: str) -> ModelError:
    return ModelError(f"OpenVINO cannot run {name}: export it again, or otherwise")


def has_bfloat16() -> bool:
    """Whether the processor computes in bfloat16, at about twice the speed."""
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@cache
def _core() -> Any:
    return ov.Core()


@cache
def _circumstances() -> str:
    """All that a compiled network depends on besides its model: this code, too."""
    try:
        code = b"".join(Path(file).read_bytes() for file in _CODE)
    except OSError:  # in programs that were frozen
        code = __version__.encode()
    processor = ("FULL_DEVICE_NAME", "OPTIMIZATION_CAPABILITIES")
    names = [str(_core().get_property("CPU", name)) for name in processor]
    return " ".join((str(ov.get_version()), *names, hashlib.sha256(code).hexdigest()))


def read_model(path: Path, *, name: str | None = None) -> Any:
    """The graph in a model file, as OpenVINO holds it.

    Args:
        path: .tflite, .onnx or .xml.
        name: what the user calls it, if not by its path.

    Raises:
        ModelError: the content is of another kind, or damaged.
    """
    suffix, advice = path.suffix.lower(), "fetch or export it again"
    reader = ov.frontend.FrontEndManager().load_by_framework(_READERS[suffix])
    if not reader.supported(str(path)):  # else OpenVINO tries every reader, and they fill stderr
        raise ModelError(f"cannot read {name or path}: its content is no {suffix} model, {advice}")
    try:
        return _core().read_model(path)
    except RuntimeError as error:
        raise ModelError(f"cannot read {name or path}: it is damaged, {advice}") from error


def _shapes(ports: Any) -> list[tuple[int, ...]]:
    return [tuple(d.get_length() if d.is_static else -1 for d in p.partial_shape) for p in ports]


def _channels_last(values: np.ndarray) -> np.ndarray:
    """A view of a map (1, C, H, W) as (1, H, W, C); other arrays as they are."""
    return values.transpose(0, 2, 3, 1) if values.ndim == 4 else values


def _with_our_ports(model: Any, network: Network, *, channels_first: bool) -> Any:
    """Fold the way from pixels to the network's range into the graph: no copy per frame.

    Maps stay as OpenVINO computes them, which saves turning them round (a 20th of Full's time):
    channels last in float32, first in bfloat16.
    """
    steps = ov.preprocess.PrePostProcessor(model)
    steps.input().tensor().set_element_type(ov.Type.u8)
    steps.input().preprocess().convert_element_type(ov.Type.f32).mean(network.mean).scale(
        network.std
    )
    for index, port in enumerate(model.outputs):
        if channels_first and len(port.partial_shape) == 4:
            steps.output(index).model().set_layout(ov.Layout("NHWC"))
            steps.output(index).tensor().set_layout(ov.Layout("NCHW"))
    return steps.build()
