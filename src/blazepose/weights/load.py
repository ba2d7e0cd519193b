"""Networks with their weights from any file that holds both: .safetensors, .tflite, .task."""

from __future__ import annotations

from pathlib import Path

import torch

from blazepose.errors import ModelError
from blazepose.nets.build import build
from blazepose.nets.landmark import COLUMNS, RELEASED_POINTS
from blazepose.nets.network import ImageNetwork
from blazepose.nets.trace import Trace, trace
from blazepose.skeleton import BLAZEPOSE33, Skeleton
from blazepose.weights.checkpoint import SUFFIX, Checkpoint, load_checkpoint
from blazepose.weights.description import KEY, skeleton_of
from blazepose.weights.names import Misfit, match, state_dict, trace_graph
from blazepose.weights.task import DETECTOR, LANDMARKS, read_task
from blazepose.weights.tflite import Graph, parse_tflite, read_tflite

RELEASED = ("lite", "full", "heavy", "detector", "face")
"""Rows of `NETWORKS` whose structure a .tflite can have."""


def load_network(path: Path) -> Checkpoint:
    """The network in a file; of a .task bundle the one that finds landmarks.

    Raises:
        ModelError: the file cannot be read, is damaged, or holds another kind of network.
    """
    suffix = path.suffix.lower()
    if suffix == SUFFIX:
        return load_checkpoint(path)
    if suffix == ".tflite":
        return load_tflite(path)
    if suffix == ".task":
        return load_task(path)[1]
    raise ModelError(f"cannot read weights from {path.name}: expected {SUFFIX}, .tflite or .task")


def load_tflite(path: Path) -> Checkpoint:
    """The network in a .tflite file; errors as in `load_network`."""
    return _recognise(read_tflite(path), str(path))


def load_task(path: Path) -> tuple[Checkpoint, Checkpoint]:
    """The detector and the landmark network in a .task bundle; errors as in `load_network`."""
    members = read_task(path)
    detector, landmarks = (
        _recognise(parse_tflite(members[name], source=f"{name} in {path}"), f"{name} in {path}")
        for name in (DETECTOR, LANDMARKS)
    )
    return detector, landmarks


def _recognise(graph: Graph, source: str) -> Checkpoint:
    """Try the known networks; the error speaks of the one that fits longest."""
    try:
        file, skeleton = trace_graph(graph), _skeleton(graph, source)
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise ModelError(f"{source} is damaged: its operators do not form a network") from error
    nearest, misfit = "", Misfit(-1, "")
    for name in RELEASED:
        network = _empty(name, skeleton)
        found = match(file, _trace(network))
        if not isinstance(found, Misfit):
            network.load_state_dict(state_dict(graph, found), assign=True)
            return Checkpoint(name, network, skeleton)
        if found.agreed > misfit.agreed:
            nearest, misfit = name, found
    raise ModelError(f"{source} is no known network; nearest is {nearest!r}, but {misfit.message}")


def _empty(name: str, skeleton: Skeleton) -> ImageNetwork:
    with torch.device("meta"):
        return build(name, skeleton=skeleton)


def _trace(network: ImageNetwork) -> Trace:
    return trace(network, torch.zeros(1, 3, network.size, network.size, device="meta"))


def _skeleton(graph: Graph, source: str) -> Skeleton:
    """Named in files that we wrote; else known by the number of landmarks, or without names."""
    if KEY in graph.metadata:
        return skeleton_of(graph.metadata[KEY], name=source)
    first = graph.tensors[graph.outputs[0]].shape
    if len(first) != 2 or first[1] == RELEASED_POINTS * COLUMNS:
        return BLAZEPOSE33
    points = first[1] // COLUMNS
    return Skeleton(f"custom{points}", tuple(f"point_{i}" for i in range(points)), ())
