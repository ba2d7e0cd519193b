"""What is in a model file: its points, its inputs and outputs, and what it costs to run."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blazepose.errors import MissingExtraError, ModelError
from blazepose.skeleton import BLAZEPOSE33, Skeleton
from blazepose.weights.description import (
    KEY,
    network_of,
    said_by_checkpoint,
    said_by_tflite,
    skeleton_of,
)
from blazepose.weights.task import read_task

_CHECKPOINT = ".safetensors"


@dataclass(frozen=True)
class Port:
    """An input or output of a network.

    Attributes:
        role: "input 0", "output 0", ...
        name: as the file has it.
        shape: as text, "1 x 256 x 256 x 3"; "?" for a free axis.
        dtype: of its values.
    """

    role: str
    name: str
    shape: str
    dtype: str


@dataclass(frozen=True)
class Description:
    """A network in a file.

    Attributes:
        name: of the file, or of the bundle's member.
        ports: inputs, then outputs.
        parameters: weights and biases.
        multiply_adds: of convolutions and matrix products, for one image.
        skeleton: the points that it finds, where the file names them; ours do.
    """

    name: str
    ports: list[Port]
    parameters: int
    multiply_adds: int
    skeleton: Skeleton | None


def describe_file(file: Path) -> list[Description]:
    """The networks in a model file; a .task bundle has two.

    Raises:
        ModelError: the file is damaged or of another kind.
        MissingExtraError: a checkpoint without PyTorch to read it.
    """
    if file.suffix.lower() == _CHECKPOINT:
        return [_describe_checkpoint(file)]
    if file.suffix.lower() != ".task":
        return [_describe_graph(file, file)]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for name, content in read_task(file).items():
            (Path(folder) / name).write_bytes(content)
        return [_describe_graph(member, file) for member in sorted(Path(folder).iterdir())]


def skeleton_in(file: Path, *, name: str | None = None) -> Skeleton:
    """Names of the points that a landmark network finds.

    Args:
        file: .tflite, .onnx, .xml or .safetensors.
        name: what the user calls it, if not by its path.

    Returns:
        What the file says of itself; the 33 points where it says nothing, as the released ones.

    Raises:
        ModelError: the file cannot be read or is damaged.
    """
    return _named(file, name or str(file)) or BLAZEPOSE33


def network_in(file: Path, *, name: str | None = None) -> str | None:
    """Which of our networks a file of ours holds; None for any other file. Errors as above."""
    said = _said(file, name or str(file))
    return network_of(said, name=name or str(file)) if said else None


def _named(file: Path, name: str) -> Skeleton | None:
    said = _said(file, name)
    return skeleton_of(said, name=name) if said else None


def _said(file: Path, name: str) -> str | bytes | None:
    """What a file of ours says of itself; None for any other file."""
    try:
        return _read(file, name)
    except OSError as error:
        raise ModelError(f"cannot read {name}: {error.strerror}") from error


def _read(file: Path, name: str) -> str | bytes | None:
    suffix = file.suffix.lower()
    if suffix == _CHECKPOINT:
        return said_by_checkpoint(file)
    if suffix == ".tflite":
        return said_by_tflite(file)
    if suffix not in (".onnx", ".xml"):
        return None
    from blazepose.runtimes.graph import read_model

    model = read_model(file, name=name)
    place = [KEY] if suffix == ".xml" else ["framework", KEY]  # where OpenVINO keeps it
    return str(model.get_rt_info(place).value) if model.has_rt_info(place) else None


def _describe_graph(network: Path, given: Path) -> Description:
    # Imported here: half a second that a checkpoint need not pay.
    from blazepose.runtimes.graph import read_model
    from blazepose.weights.cost import cost

    model = read_model(network, name=str(given))
    ports = [
        Port(
            f"{kind} {index}",
            min(port.names, default=""),
            str(port.partial_shape).strip("[]").replace(",", " x "),
            port.element_type.get_type_name(),
        )
        for kind, side in (("input", model.inputs), ("output", model.outputs))
        for index, port in enumerate(side)
    ]
    price = cost(model)
    points = _named(network, str(given))
    return Description(network.name, ports, price.parameters, price.multiply_adds, points)


def _describe_checkpoint(file: Path) -> Description:
    try:
        import torch

        from blazepose.nets.trace import parameter_count, trace
        from blazepose.weights.checkpoint import load_checkpoint
    except ImportError as error:
        raise MissingExtraError("reading a checkpoint", "train") from error
    checkpoint = load_checkpoint(file)
    network = checkpoint.network.eval()
    image = torch.zeros(1, 3, network.size, network.size)
    with torch.inference_mode():
        outputs = network(image)
        multiply_adds = trace(network, image).multiply_adds
    ports = [_port("input 0", "image", image)]
    ports += [
        _port(f"output {i}", name, values) for i, (name, values) in enumerate(outputs.items())
    ]
    return Description(
        file.name, ports, parameter_count(network), multiply_adds, checkpoint.skeleton
    )


def _port(role: str, name: str, values: Any) -> Port:
    shape = " x ".join(["?", *map(str, values.shape[1:])])
    return Port(role, name, shape, str(values.dtype).removeprefix("torch."))
