"""A network that learns: what of it learns in a phase, its average, and what is kept of both."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from blazepose.nets.network import ImageNetwork
from blazepose.train.average import averaged, blended
from blazepose.train.channels import load_plain_state, plain_state, scale_channels
from blazepose.train.loader import Batch, as_input
from blazepose.train.losses import LOSSES, NEEDS, Targets, keep
from blazepose.train.processor import keep_heads_exact, speed_up_depthwise
from blazepose.train.recipe import Phase, Recipe

_HEADS = ("landmarks", "coordinates", "visibility", "presence", "world", "keypoints")


class Student:
    """The network of a run.

    Attributes:
        network: learns.
        start: as it began, frozen.
        average: of its weights over the steps of a phase; None without.
    """

    def __init__(self, network: ImageNetwork, recipe: Recipe) -> None:
        """Get a network ready to learn as a recipe says."""
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        speed_up_depthwise(self.network)
        keep_heads_exact(self.network, _HEADS)
        self.start = copy.deepcopy(self.network).requires_grad_(False).eval()
        if recipe.start:
            scale_channels(self.network)
        self.average = averaged(self.network, recipe.ema) if recipe.ema else None

    def take_up(self, network: Mapping[str, Any], average: Mapping[str, Any] | None) -> None:
        """Weights of a state; RuntimeError where they are another network's."""
        self.network.load_state_dict(network)
        if self.average and average:
            self.average.load_state_dict(average)

    def to_device(self, fabric: Fabric) -> None:
        """Move everything to the device of the process."""
        for module in (self.network, self.start, *([self.average] if self.average else [])):
            fabric.to_device(module)

    def freeze_all_but(self, prefixes: tuple[str, ...]) -> None:
        """Only parameters whose plain name begins so learn from here on."""
        for name, parameter in self.network.named_parameters():
            plain = name.replace("parametrizations.", "").replace(".original", "")  # scaled
            parameter.requires_grad_(plain.startswith(prefixes))

    def learn_mode(self) -> None:
        """Batch norm of frozen parts keeps its statistics."""
        self.network.train()
        for module in self.network.modules():
            own = list(module.parameters())
            if own and not any(p.requires_grad for p in own):
                module.eval()

    def losses(
        self, phase: Phase, model: nn.Module, batch: Batch, targets: Targets, fabric: Fabric
    ) -> dict[str, Tensor]:
        """The losses of a phase on a batch; "loss" is their weighted sum.

        Args:
            phase: says which, and their weights.
            model: the network as Fabric has set it up.
            batch: on its device.
            targets: how they are made.
            fabric: for the precision of what `phase.keep` is compared with.
        """
        weights: dict[str, float] = dict(phase.losses.items())
        needed = {NEEDS.get(name, name) for name in weights} | set(phase.keep)
        image = as_input(batch)
        out = model(image, tuple(needed))
        losses = {name: LOSSES[name](out, batch, targets) for name in weights}
        if phase.keep:
            with torch.no_grad(), fabric.autocast():
                before = self.start(image, tuple(phase.keep))
            for name, weight in phase.keep.items():
                losses[f"keep_{name}"] = keep(
                    out[name], before[name], probability=name == "presence"
                )
                weights[f"keep_{name}"] = weight
        losses["loss"] = torch.stack([weights[name] * losses[name] for name in weights]).sum()
        return losses

    def after_step(self) -> None:
        """Take the step's weights into the average."""
        if self.average:
            self.average.update_parameters(self.network)

    def judged(self, phase: Phase) -> ImageNetwork:
        """A network with the averaged and blended weights: what is validated and kept."""
        network = copy.deepcopy(self.start)
        start = self.start.state_dict()
        end = plain_state(self.average.module if self.average else self.network, start)
        network.load_state_dict(blended(start, end, phase.blend))
        return network

    def end_phase(self, phase: Phase) -> None:
        """What the next phase freezes shall stay as it was judged."""
        load_plain_state(self.network, self.judged(phase).state_dict())
        if self.average:
            self.average.module.load_state_dict(self.network.state_dict())
            self.average.n_averaged.zero_()
