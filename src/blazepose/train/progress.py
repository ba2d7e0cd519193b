"""What a run tells those who watch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blazepose.train.validate import Validation


@dataclass(frozen=True)
class Progress:
    """Where a run is.

    Attributes:
        phase: its name.
        epoch: from 1, within the phase.
        epochs: of the phase.
        batch: from 1, within the epoch.
        batches: of an epoch.
        step: from 1, over all phases.
        losses: means of the epoch so far; "loss" is their weighted sum.
        images_per_s: since the run began or went on.
        row: of the history, at the end of an epoch; else None.
        validation: what the row's scores are of.
    """

    phase: str
    epoch: int
    epochs: int
    batch: int
    batches: int
    step: int
    losses: dict[str, float]
    images_per_s: float
    row: dict[str, Any] | None = None
    validation: Validation | None = None


Watch = Callable[[Progress], None]
