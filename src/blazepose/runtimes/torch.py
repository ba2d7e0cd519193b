"""PyTorch: our checkpoints as they are, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch

from blazepose.errors import ModelError
from blazepose.nets.network import ImageNetwork
from blazepose.runtimes.protocol import Network
from blazepose.weights.layout import released_form
from blazepose.weights.load import load_network


class TorchRuntime:
    """A network on the best device here; see `protocol.Runtime`."""

    def __init__(self, module: ImageNetwork, network: Network, names: list[str]) -> None:
        self._device = best_device()
        self._module = module.eval().to(self._device)
        self._mean, self._std, self._names = network.mean, network.std, names

    @torch.inference_mode()
    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Run the network on RGB pictures (N, S, S, 3) uint8."""
        pixels = torch.from_numpy(images).to(self._device).permute(0, 3, 1, 2)  # (N, 3, S, S)
        found = self._module((pixels.float() - self._mean) / self._std, self._names)
        return {name: released_form(name, found[name]).cpu().numpy() for name in self._names}

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        """All pictures (S, S, 3) uint8 at once: a GPU is fastest so."""
        found = self(np.stack(list(images)))
        for values in zip(*found.values(), strict=True):
            yield dict(zip(found, values, strict=True))


def open_model(path: Path, network: Network, name: str, threads: int | None) -> TorchRuntime:
    """Read the weights of a .safetensors, .tflite or .task file into our own network."""
    module = load_network(path).network
    there = [output for output in module.outputs if output not in module.training_only]
    if module.size != network.size or not network.outputs.keys() <= set(there):
        raise ModelError(
            f"{name} is no {network.what}: expected pictures of {network.size} px and outputs "
            f"{', '.join(network.outputs)}, it has {module.size} px and {', '.join(there)}"
        )
    if threads is not None:
        torch.set_num_threads(threads)
    return TorchRuntime(module, network, [output for output in there if output in network.wanted])


def best_device() -> torch.device:
    """CUDA, else Apple's MPS, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
