"""Our own format: one safetensors file with the weights, the network's name and its skeleton.

Everything needed to build the network again is in the file, as JSON in the header's metadata.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save

from blazepose.aside import aside
from blazepose.errors import ModelError
from blazepose.nets.build import build
from blazepose.nets.network import ImageNetwork
from blazepose.skeleton import BLAZEPOSE33, Skeleton
from blazepose.weights.description import KEY

SUFFIX = ".safetensors"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A network with its weights, and what it takes to build it again.

    Attributes:
        name: row of `nets.build.NETWORKS`.
        network: the module, on the CPU.
        skeleton: names of the points it finds.
    """

    name: str
    network: ImageNetwork
    skeleton: Skeleton = BLAZEPOSE33


def save_checkpoint(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint; the file appears when it is complete.

    Raises:
        OutputError: it cannot be written.
    """
    state = {k: v.detach().cpu().contiguous() for k, v in checkpoint.network.state_dict().items()}
    content = save(state, metadata={KEY: json.dumps(describe(checkpoint))})
    with aside(path, lasting=True) as part:
        part.write_bytes(content)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        ModelError: the file cannot be read, is damaged, or was not written by `save_checkpoint`.
    """
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, safetensors.SafetensorError) as error:
        raise ModelError(f"cannot read {path}: {error}") from error
    if KEY not in metadata:
        raise ModelError(f"{path} is no checkpoint of this package: its header has no {KEY!r}")
    try:
        return assemble(json.loads(metadata[KEY]), state)
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"{path} does not hold the network it names: {reason}") from error


def describe(checkpoint: Checkpoint) -> dict[str, Any]:
    """What it takes to build the network again, as JSON; goes into every file we write."""
    return {"network": checkpoint.name, "skeleton": checkpoint.skeleton.to_json()}


def assemble(description: dict[str, Any], state: dict[str, torch.Tensor]) -> Checkpoint:
    """Build a network and give it weights.

    Args:
        description: as from `describe`.
        state: parameter name -> weights.

    Raises:
        ValueError: unknown network.
        KeyError, TypeError: the description is not one.
        RuntimeError: the weights do not fit.
    """
    name = description["network"]
    skeleton = Skeleton.from_json(description["skeleton"])
    with torch.device("meta"):  # no time is spent on weights that are replaced at once
        network = build(name, skeleton=skeleton)
    network.load_state_dict(state, assign=True)
    return Checkpoint(name, network, skeleton)
