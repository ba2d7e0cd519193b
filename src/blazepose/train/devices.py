"""The devices and processes of a run, and the precision that it computes in."""

from __future__ import annotations

import os

import torch
from lightning_fabric import Fabric

from blazepose.errors import TrainingError
from blazepose.train.recipe import Recipe


def launched(recipe: Recipe) -> Fabric:
    """One device, or those of all processes that torchrun has started.

    Raises:
        TrainingError: they cannot share the recipe's batch.
    """
    local, world = (int(os.environ.get(name, 1)) for name in ("LOCAL_WORLD_SIZE", "WORLD_SIZE"))
    fabric = Fabric(
        devices=local,
        num_nodes=world // local,
        strategy="ddp_find_unused_parameters_true" if world > 1 else "auto",
        precision=precision_of(recipe),  # type: ignore[arg-type]
    )
    fabric.launch()
    if recipe.batch % fabric.world_size:
        raise TrainingError(
            f"expected a batch that {fabric.world_size} processes can share, got {recipe.batch}"
        )
    # Else "32-true" would be 19 bits on some GPUs, too few for released weights.
    torch.backends.cudnn.allow_tf32 = False
    return fabric


def is_first_process() -> bool:
    """Whether this is the one, of those that torchrun has started, that writes and tells."""
    return os.environ.get("RANK", "0") == "0"


def precision_of(recipe: Recipe) -> str:
    """As Lightning Fabric names it."""
    if recipe.precision != "auto":
        return recipe.precision
    if torch.cuda.is_available():
        exact = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16-mixed" if exact else "16-mixed"
    return "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() else "32-true"


def anywhere(fabric: Fabric, here: bool) -> bool:
    """Whether it is so in any process, that all may end after the same step."""
    if fabric.world_size == 1:
        return here
    flag = torch.tensor(float(here), device=fabric.device)
    return bool(torch.as_tensor(fabric.all_reduce(flag, reduce_op="sum")) > 0)
