"""Recipe: everything a training run depends on, read from one TOML file.

An unknown key, a wrong type or a value out of range is an error that names the key, so a
misspelt option cannot pass for its default.
"""

from __future__ import annotations

import json
import sys
from dataclasses import field, fields
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from blazepose.errors import RecipeError, did_you_mean

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Natural = Annotated[int, Field(ge=1)]
LossName = Literal[
    "landmarks",
    "depth",
    "visibility",
    "in_frame",
    "presence",
    "world",
    "heatmap",
    "offsets",
    "mirrored",
    "integral",
    "center",
    "keypoints",
]


@dataclass(frozen=True, config=_STRICT)
class Data:
    """People to learn from, or to validate on.

    Attributes:
        path: a data set that `datasets.read` knows, relative to the recipe's folder or `--data`.
        split: items in file order, e.g. "1..1000"; None: all.
        unlabelled: a folder of photos that only the teacher labels.
        clean: drop or mend labels that cannot be right.
        repeat: how often an epoch shows each person.
    """

    path: Path
    split: str | None = None
    unlabelled: bool = False
    clean: bool = False
    repeat: Natural = 1


@dataclass(frozen=True, config=_STRICT)
class Augment:
    """How crops are varied; 0 switches a variation off.

    Attributes:
        shift: of the region, up to this part of its side.
        scale: of the region, up to this part more or less.
        rotate_deg: of the region, up to this angle.
        flip: share of mirrored crops.
        wide: share of regions that are far off (any turn, half to twice the size), as a search's
            first look has them.
        half_body: share of regions round the upper or the lower half of a body.
        background: share of regions without the person, which teach absence.
        colour: strength of changes of brightness, contrast, saturation and hue.
        dark: share of crops in low light.
        blur: share of blurred crops, some of them by motion.
        noise: share of crops with sensor noise or hard JPEG compression.
        occlude: share of crops with up to three rectangles in front.
    """

    shift: Share = 0.1
    scale: Annotated[float, Field(ge=0, lt=1)] = 0.1
    rotate_deg: Annotated[float, Field(ge=0, le=180)] = 30
    flip: Share = 0.5
    wide: Share = 0
    half_body: Share = 0
    background: Share = 0
    colour: Share = 0.3
    dark: Share = 0.05
    blur: Share = 0.1
    noise: Share = 0.1
    occlude: Share = 0.3


@dataclass(frozen=True, config=_STRICT)
class Phase:
    """A stretch of training with its own parameters, losses and schedule.

    Attributes:
        name: for the logs.
        epochs: passes over the data.
        learning_rate: highest of the schedule: linear warm-up, then half a cosine.
        train: prefixes of the parameters that learn, e.g. "backbone"; the rest is frozen.
        losses: weight of each loss.
        keep: outputs that shall stay as the starting weights had them, with the loss's weight.
        blend: share of the weights that the run began with in what is judged and kept, so that
            what the data does not show is forgotten less (WiSE-FT, Wortsman et al. 2022).
        augment: False: this phase's crops are not varied.
        size: side of the crops in px; None: the network's. Half of it teaches heatmaps three times
            as fast; regression needs the whole.
    """

    name: str
    epochs: Natural
    learning_rate: Positive
    losses: Annotated[dict[LossName, Positive], Field(min_length=1)]
    train: Annotated[tuple[str, ...], Field(min_length=1)] = ("",)
    keep: dict[Literal["mask", "heatmap", "presence"], Positive] = field(default_factory=dict)
    blend: Share = 0
    augment: bool = True
    size: Annotated[int, Field(ge=64, multiple_of=32)] | None = None


@dataclass(frozen=True, config=_STRICT)
class Recipe:
    """A whole training run.

    Attributes:
        network: row of `nets.build.NETWORKS`.
        phases: run one after the other.
        train: what to learn from.
        validate: what shows after every epoch how far it is; must not overlap with `train`.
        start: a released model's name or a file to start from; None: fresh weights.
        skeleton: the network's keypoints: a known name, or "data" for those of the data.
        teacher: model that fills in what labels lack; None: labels only.
        roi: "aligned" to the body as tracking does, or the "whole" image, stretched to a square as
            the LSP study does.
        augment: see `Augment`.
        distance: what a keypoint's error costs: "l1", "mse", "huber" or "wing".
        sigma: of Gaussian heatmap targets, in heatmap px.
        batch: people per step, over all devices.
        weight_decay: of AdamW.
        clip: largest norm of the gradient.
        warmup: steps of linear warm-up in each phase.
        ema: decay of the averaged weights that are validated and saved; 0: none.
        precision: as Lightning Fabric names them; "auto" is bf16 where the processor has it.
        seed: of weights, order and variation.
        workers: processes that load crops.
    """

    network: str
    phases: Annotated[tuple[Phase, ...], Field(min_length=1)]
    train: Annotated[tuple[Data, ...], Field(min_length=1)]
    validate: Annotated[tuple[Data, ...], Field(min_length=1)]
    start: str | None = None
    skeleton: str = "blazepose33"
    teacher: str | None = None
    roi: Literal["aligned", "whole"] = "aligned"
    augment: Augment = Augment()
    distance: Literal["l1", "mse", "huber", "wing"] = "l1"
    sigma: Positive = 2.0
    batch: Natural = 32
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    clip: Positive = 1.0
    warmup: Annotated[int, Field(ge=0)] = 100
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.998
    precision: Literal["auto", "32-true", "bf16-mixed", "16-mixed"] = "auto"
    seed: Annotated[int, Field(ge=0)] = 0
    workers: Annotated[int, Field(ge=0)] = 1


def read_recipe(path: Path) -> Recipe:
    """Read a recipe.

    Raises:
        RecipeError: missing file, no TOML, unknown key, wrong type or value.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RecipeError(f"cannot read the recipe {path}: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: expected a recipe in TOML, got {error}") from error
    try:
        # As JSON, where strict types take a list for a tuple and a text for a path.
        recipe = TypeAdapter(Recipe).validate_json(json.dumps(content, default=str))
    except ValidationError as error:
        raise RecipeError(f"{path}: {_first(error)}") from error
    names = [phase.name for phase in recipe.phases]
    if len(set(names)) < len(names):
        raise RecipeError(f"{path}: phases: expected a name of its own for each, got {names}")
    return recipe


def _first(error: ValidationError) -> str:
    """The first thing wrong, in one line; near matches for an unknown key."""
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    if first["type"] == "unexpected_keyword_argument":
        return f"unknown key {key!r}: {did_you_mean(str(first['loc'][-1]), _known(first['loc']))}"
    if first["type"] == "missing_argument" or first["type"] == "missing":
        return f"expected a key {key!r}, got none"
    return f"{key}: {first['msg'].replace('Input should be', 'expected')}, got {first['input']!r}"


def _known(place: tuple[int | str, ...]) -> list[str]:
    """Keys that may stand where the unknown one stands."""
    tables = {"phases": Phase, "train": Data, "validate": Data, "augment": Augment}
    table: Any = tables.get(str(place[0]), Recipe) if len(place) > 1 else Recipe
    return [known.name for known in fields(table)]
