"""What a network computes, step by step, whoever wrote it down.

`trace` runs a module once and notes its steps; `weights` does the same for the graph in a file.
Two such lists can be compared, and their multiply-adds be counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Step:
    """One operation that changes values; those that only change the layout are none.

    Attributes:
        kind: name of the PyTorch function: "conv2d", "add", "relu6", ...
        inputs: numbers of the steps it reads; -1 is the network's input.
        size: elements of its result for one image.
        weight: shape of its weights, as PyTorch orders them (a convolution's: out, in / groups,
            rows, columns).
        stride: of a convolution or pooling.
        pad: of a convolution, px at the top and left.
        name: of the weights (module or tensor), "" where there are none.
        multiply_adds: for one image.
    """

    kind: str
    inputs: tuple[int, ...]
    size: int
    weight: tuple[int, ...] = ()
    stride: int = 1
    pad: int = 0
    name: str = ""
    multiply_adds: int = 0

    def __str__(self) -> str:
        if len(self.weight) != 4:
            return f"{self.kind} of {self.size} values"
        out, inputs, rows, columns = self.weight
        what = f"{rows}x{columns} {self.kind}, {inputs} -> {out} channels"
        return f"{what}, stride {self.stride}, pad {self.pad}, {self.size} values"


@dataclass(frozen=True)
class Trace:
    """The steps of a network in order of execution, and which of them are its outputs."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

    @property
    def multiply_adds(self) -> int:
        """For one image."""
        return sum(step.multiply_adds for step in self.steps)

    def in_flow_order(self) -> list[int]:
        """Numbers of the steps that the outputs need, each after what it reads.

        A file or a module lists its steps in an arbitrary order; this one follows from the flow of
        the data alone, first output first, first operand first.
        """
        order: dict[int, None] = {}
        stack = [number for number in reversed(self.outputs) if number >= 0]
        while stack:
            number = stack[-1]
            missing = [i for i in self.steps[number].inputs if i >= 0 and i not in order]
            if missing:
                stack.extend(reversed(missing))
            else:
                order.setdefault(stack.pop())
        return list(order)


class Recorder:
    """Collects steps; values are known by any hashable key of the caller."""

    def __init__(self, inputs: Iterable[Hashable]) -> None:
        self._steps: list[Step] = []
        self._source = dict.fromkeys(inputs, (-1, 0))  # key -> step that made it, pending pad

    def same(self, result: Hashable, source: Hashable, *, pad: int = 0) -> None:
        """`result` has the values of `source`, laid out differently or with zeros around."""
        step, pending = self._source[source]
        self._source[result] = (step, pending + pad)

    def step(
        self, kind: str, result: Hashable, sources: Iterable[Hashable], *, pad: int = 0, **what: Any
    ) -> None:
        """`result` is computed from `sources`; those never seen before are constants."""
        known = [self._source[key] for key in sources if key in self._source]
        pad += sum(pending for _, pending in known)
        self._source[result] = (len(self._steps), 0)
        self._steps.append(Step(kind, tuple(step for step, _ in known), pad=pad, **what))

    def finish(self, outputs: Iterable[Hashable]) -> Trace:
        """All that was recorded."""
        return Trace(tuple(self._steps), tuple(self._source[key][0] for key in outputs))


def trace(network: nn.Module, image: Tensor) -> Trace:
    """Run a network on one image and note its steps; the meta device is enough.

    Args:
        network: gives a mapping of tensors.
        image: (1, 3, S, S).
    """
    watch = _Watch(network, image)
    training = network.training
    with torch.no_grad(), watch:
        outputs = network.eval()(image)
    network.train(training)
    return watch.recorder.finish(id(tensor) for tensor in outputs.values())


def parameter_count(network: nn.Module) -> int:
    """Weights and biases."""
    return sum(parameter.numel() for parameter in network.parameters())


_LAYOUT = {
    "reshape",
    "flatten",
    "permute",
    "transpose",
    "view",
    "unflatten",
    "detach",
    "contiguous",
}

_KINDS = {"hardtanh": "relu6"}  # PyTorch's ReLU6 is a clamped hard tanh


class _Watch(TorchFunctionMode):
    """Sees every call of a PyTorch function."""

    def __init__(self, network: nn.Module, image: Tensor) -> None:
        super().__init__()
        self.recorder = Recorder([id(image)])
        self._names = {id(p): name for name, p in network.named_parameters()}
        self._alive: list[Tensor] = []  # an id is only good while its tensor lives

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            self._alive.append(result)
            self._note(_KINDS.get(func.__name__, func.__name__), result, args)
        return result

    def _note(self, kind: str, result: Tensor, args: tuple[Any, ...]) -> None:
        tensors = list(_tensors(args))
        if kind in _LAYOUT:
            self.recorder.same(id(result), id(tensors[0]))
        elif kind == "pad" and result.shape[1] == tensors[0].shape[1]:
            self.recorder.same(id(result), id(tensors[0]), pad=args[1][2])
        else:
            weight = next((t for t in tensors[1:] if id(t) in self._names), None)
            stride, pad = (args[3][0], args[4][0]) if kind == "conv2d" else (1, 0)
            self.recorder.step(
                kind,
                id(result),
                [id(t) for t in tensors],
                size=result.numel(),
                weight=() if weight is None else tuple(weight.shape),
                stride=stride,
                pad=pad,
                name="" if weight is None else self._names[id(weight)].removesuffix(".weight"),
                multiply_adds=_multiply_adds(kind, result, tensors),
            )


def _tensors(args: Iterable[Any]) -> Iterable[Tensor]:
    for arg in args:
        if isinstance(arg, Tensor):
            yield arg
        elif isinstance(arg, (list, tuple)):
            yield from _tensors(arg)


def _multiply_adds(kind: str, result: Tensor, tensors: Sequence[Tensor]) -> int:
    if kind in ("conv2d", "linear"):
        return result.numel() * math.prod(tensors[1].shape[1:])
    if kind == "conv_transpose2d":
        return tensors[0].numel() * math.prod(tensors[1].shape[1:])
    if kind == "scaled_dot_product_attention":  # queries x keys, then x values
        return 2 * tensors[0].numel() * tensors[1].shape[-2]
    return 0
