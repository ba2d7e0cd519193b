"""The network that a run begins with."""

from __future__ import annotations

from pathlib import Path

import torch

from blazepose.errors import ModelError, RecipeError
from blazepose.nets.build import build, swap_skeleton
from blazepose.nets.network import ImageNetwork
from blazepose.skeleton import Skeleton
from blazepose.train.losses import MAPS, NEEDS
from blazepose.train.recipe import Recipe
from blazepose.weights import store
from blazepose.weights.checkpoint import Checkpoint
from blazepose.weights.load import load_network


def starting_network(recipe: Recipe, skeleton: Skeleton) -> Checkpoint:
    """Fresh weights, or those of the recipe's `start` with the heads for its keypoints.

    Raises:
        RecipeError: no such network.
        ModelError: `start` is of another architecture.
        DownloadError: `start` is a released model that cannot be had.
    """
    torch.manual_seed(recipe.seed)
    if recipe.start is None:
        try:
            return Checkpoint(recipe.network, build(recipe.network, skeleton=skeleton), skeleton)
        except ValueError as error:
            raise RecipeError(f"network: {error}") from error
    loaded = load_network(_file(recipe.start))
    if loaded.name != recipe.network:
        raise ModelError(
            f"{recipe.start} holds a {loaded.name!r} network, the recipe wants {recipe.network!r}"
        )
    if loaded.skeleton.names == skeleton.names:
        return loaded
    network = swap_skeleton(loaded.network, loaded.name, source=loaded.skeleton, target=skeleton)
    return Checkpoint(loaded.name, network, skeleton)


def check_phases(recipe: Recipe, network: ImageNetwork) -> None:
    """Every phase trains parameters and outputs that the network has.

    Raises:
        RecipeError: one does not; so it shows before the first phase has run for hours.
    """
    names = [name for name, _ in network.named_parameters()]
    for phase in recipe.phases:
        for prefix in phase.train:
            if not any(name.startswith(prefix) for name in names):
                parts = ", ".join(name for name, _ in network.named_children())
                raise RecipeError(
                    f"phase {phase.name!r}: train: no parameter's name begins with {prefix!r}; "
                    f"{recipe.network!r} has {parts}"
                )
        for loss in (*phase.losses, *phase.keep):
            if NEEDS.get(loss, loss) not in network.outputs:
                raise RecipeError(
                    f"phase {phase.name!r}: {recipe.network!r} has no output for {loss!r}, only "
                    f"{', '.join(network.outputs)}"
                )
            if phase.size not in (None, network.size) and NEEDS.get(loss, loss) not in MAPS:
                raise RecipeError(
                    f"phase {phase.name!r}: {loss!r} can only be taught at the network's own size, "
                    f"{network.size}, got size = {phase.size}"
                )


def _file(start: str) -> Path:
    return store.resolve(start)
