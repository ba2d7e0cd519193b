"""State of a run: what has to be kept so that it goes on as if it had never stopped."""

from __future__ import annotations

import io
import pickle
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from blazepose.aside import aside
from blazepose.errors import TrainingError

# What torch.load raises on files that are cut, overwritten or of another kind.
_DAMAGE = (
    *(OSError, RuntimeError, LookupError, TypeError, ValueError, AttributeError, EOFError),
    pickle.UnpicklingError,
)


@dataclass
class Place:
    """Where a run is.

    Attributes:
        phase: number of the phase.
        epoch: number of the epoch within it.
        batch: batches of the epoch that are done.
        losses: sums of the losses over these batches.
        best: highest validation score of the phase so far.
        history: a row per epoch: phase, epoch, losses, scores, speed.
    """

    phase: int = 0
    epoch: int = 0
    batch: int = 0
    losses: dict[str, float] = field(default_factory=dict)
    best: float = -1.0
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class State:
    """Everything that it takes to go on.

    Attributes:
        recipe: as text; a run goes on only with the one it began with.
        data: digest of the people it learns from and is judged by; the same holds for them.
        place: where the run is.
        network: weights.
        average: averaged weights; None without.
        optimizer: of the phase; None between phases.
    """

    recipe: str
    data: str
    place: Place
    network: dict[str, Any]
    average: dict[str, Any] | None
    optimizer: dict[str, Any] | None


def save_state(state: State, path: Path) -> None:
    """Write a state; the file appears when it is complete.

    Raises:
        OutputError: it cannot be written.
    """
    content = io.BytesIO()
    torch.save({**vars(state), "place": asdict(state.place)}, content)
    with aside(path, lasting=True) as part:
        part.write_bytes(content.getbuffer())


def load_state(path: Path, *, recipe: str, data: str) -> State:
    """Read a state.

    Raises:
        TrainingError: the file is damaged, or of a run with another recipe or other data.
    """
    try:
        content = torch.load(path, weights_only=True, map_location="cpu")
        state = State(**{**content, "place": Place(**content["place"])})
    except _DAMAGE as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise TrainingError(
            f"{path}: cannot go on from this damaged file ({reason}): "
            "delete it to begin anew, or start from best.safetensors beside it"
        ) from error
    for what, before, now in (
        ("another recipe", state.recipe, recipe),
        ("other data", state.data, data),
    ):
        if before != now:
            raise TrainingError(
                f"{path} belongs to a run with {what}: choose another --out, or delete the folder "
                "to begin anew"
            )
    return state
