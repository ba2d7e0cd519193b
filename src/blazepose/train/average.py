"""Averaged weights: over the steps of a phase, and with those that the run began with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """The moving average of a network, buffers too; `update_parameters` after every step.

    It looks back less far in the first steps, else a short phase would end with weights that are
    mostly those it began with. Set `n_averaged` to 0 where a phase begins.

    Args:
        network: begins as its own average.
        decay: 0..1, share of the average that a step keeps, once there were many.
    """

    def update(average: Any, current: Any, count: Tensor | int) -> None:
        kept = min(decay, (1 + int(count)) / (10 + int(count)))
        get_ema_multi_avg_fn(kept)(average, current, count)  # type: ignore[no-untyped-call]

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)


def blended(
    start: Mapping[str, Tensor], end: Mapping[str, Tensor], share: float
) -> dict[str, Tensor]:
    """The weights on the line from `end` (share 0) to `start` (share 1); counters are `end`'s."""
    return {
        name: torch.lerp(value, start[name], share) if value.is_floating_point() else value
        for name, value in end.items()
    }
