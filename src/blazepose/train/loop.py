"""The training loop: phases of epochs of steps, validated, saved, and resumed to the same numbers.

Reads top to bottom. Knows no file of a data set: examples come in, files of weights go out.
"""

from __future__ import annotations

import copy
import json
import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from blazepose.aside import aside
from blazepose.errors import TrainingError
from blazepose.nets.build import points_of
from blazepose.nets.network import ImageNetwork
from blazepose.skeleton import Skeleton
from blazepose.train.average import averaged, blended
from blazepose.train.channels import load_plain_state, plain_state, scale_channels
from blazepose.train.examples import Example, digest
from blazepose.train.interrupt import Interrupt
from blazepose.train.loader import Batch, Crops, Order, as_input, loader, plain_errors
from blazepose.train.losses import LOSSES, MAPS, NEEDS, Targets, keep
from blazepose.train.processor import keep_heads_exact, keep_memory, speed_up_depthwise
from blazepose.train.recipe import Phase, Recipe
from blazepose.train.start import check_phases
from blazepose.train.state import Place, State, load_state, save_state
from blazepose.train.validate import FOUND, HEATMAP, Validation, validate
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint

_SAVE_EVERY_S = 300
_HEADS = ("landmarks", "coordinates", "visibility", "presence", "world", "keypoints")


@dataclass(frozen=True)
class Progress:
    """Where a run is, for those who watch.

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


class Run:
    """A training run in a folder.

    Attributes:
        place: where the run is.
    """

    def __init__(
        self,
        recipe: Recipe,
        start: Checkpoint,
        folder: Path,
        *,
        train: Sequence[Example],
        validation: Sequence[Example],
        watch: Watch = lambda progress: None,
    ) -> None:
        """Prepare a run, or take up the one that `folder` holds.

        Args:
            recipe: what to do.
            start: the network to begin with.
            folder: for state.pt, best.safetensors, last.safetensors and history.jsonl.
            train: to learn from.
            validation: to judge by.
            watch: called after every step and epoch, in one process.

        Raises:
            RecipeError: a phase asks for what the network has not.
            TrainingError: the folder's run has another recipe or other data, or is damaged;
                nobody in `validation` is labelled.
        """
        check_phases(recipe, start.network)
        _check_labelled(validation, start.skeleton)
        self.fabric = _fabric(recipe)
        self.fabric.launch()
        self.recipe, self.folder, self.watch = recipe, folder, watch
        self.start, self.validation = start, validation
        _check_shares(recipe, self.fabric.world_size)
        self.per_process = recipe.batch // self.fabric.world_size
        self.order = Order(
            len(train),
            batch=self.per_process,
            seed=recipe.seed,
            rank=self.fabric.global_rank,
            world=self.fabric.world_size,
        )
        self.train_examples = train
        self.digest = digest([*train, *validation], start.skeleton)
        self.targets = Targets(recipe.distance, recipe.sigma, _partners(start.skeleton))
        self.place = Place()
        self.began_s, self.seen = time.monotonic(), 0
        self._resumed: State | None = None
        keep_memory()
        # Else "32-true" would be 19 bits on some GPUs, too few for released weights.
        torch.backends.cudnn.allow_tf32 = False
        self._prepare(start.network)

    def _prepare(self, network: ImageNetwork) -> None:
        self.network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        speed_up_depthwise(self.network)
        keep_heads_exact(self.network, _HEADS)
        self.starting = copy.deepcopy(self.network).requires_grad_(False).eval()
        if self.recipe.start:
            scale_channels(self.network)
        self.average = averaged(self.network, self.recipe.ema) if self.recipe.ema else None
        if self.state_file.exists():
            state = load_state(self.state_file, recipe=repr(self.recipe), data=self.digest)
            self.place, self._resumed = state.place, state
            try:
                self.network.load_state_dict(state.network)
                if self.average and state.average:
                    self.average.load_state_dict(state.average)
            except RuntimeError as error:
                raise TrainingError(
                    f"{self.state_file} holds another network, as of data with other keypoints: "
                    "choose another --out, or delete the folder to begin anew"
                ) from error
        self._check_same_place()
        self.fabric.to_device(self.network)
        self.fabric.to_device(self.starting)
        if self.average:
            self.fabric.to_device(self.average)

    def _check_same_place(self) -> None:
        """All processes go on from the state that the first one has."""
        here = (self.place.phase, self.place.epoch, self.place.batch)
        if self._anywhere(self.fabric.broadcast(here) != here):
            raise TrainingError(
                f"{self.folder} is not the same folder for all processes: choose an --out that the "
                "machines share"
            )

    @property
    def precision(self) -> str:
        """As Lightning Fabric names it."""
        return _precision(self.recipe)

    @property
    def state_file(self) -> Path:
        """Holds everything that it takes to go on."""
        return self.folder / "state.pt"

    def run(self) -> Path:
        """Train to the end, or until interrupted.

        Returns:
            The best weights, as a checkpoint file.

        Raises:
            SourceError: of many images drawn none can be read.
            MemoryError: the batch is too large for the GPU.
            TrainingError: the loss diverged; the last good state is kept.
            KeyboardInterrupt: after the state was saved.
        """
        with Interrupt() as interrupt, plain_errors():
            for number in range(self.place.phase, len(self.recipe.phases)):
                phase = self.recipe.phases[number]
                self._run_phase(phase, interrupt)
                # What the next phase freezes shall stay as it was judged.
                load_plain_state(self.network, self._judged(phase).state_dict())
                if self.average:
                    self.average.module.load_state_dict(self.network.state_dict())
                    self.average.n_averaged.zero_()
                self.place.phase, self.place.epoch, self.place.best = number + 1, 0, -1.0
                self._save(None)
        return self.folder / "best.safetensors"

    def _run_phase(self, phase: Phase, interrupt: Interrupt) -> None:
        _freeze(self.network, phase.train)
        learning = [p for p in self.network.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(learning, weight_decay=self.recipe.weight_decay)
        if self._resumed and self._resumed.optimizer:
            optimizer.load_state_dict(self._resumed.optimizer)
        self._resumed = None
        model, optimizer = self.fabric.setup(self.network, optimizer)
        augment = self.recipe.augment if phase.augment else None
        crops = self._crops(phase, self.train_examples, augment=augment)
        while self.place.epoch < phase.epochs:
            self._run_epoch(phase, model, optimizer, crops, interrupt)
            self._end_epoch(phase)
            self._save(optimizer)

    def _crops(self, phase: Phase, people: Sequence[Example], **options: Any) -> Crops:
        return Crops(
            people,
            self.start.skeleton,
            whole=self.recipe.roi == "whole",
            size=phase.size or self.network.size,
            **options,
        )

    def _run_epoch(
        self, phase: Phase, model: nn.Module, optimizer: Any, crops: Crops, interrupt: Interrupt
    ) -> None:
        _learn_mode(self.network)
        last_save_s = time.monotonic()
        for batch in self._batches(crops):
            for group in optimizer.param_groups:
                group["lr"] = phase.learning_rate * self._schedule(phase)
            losses = self._losses(phase, model, batch)
            if self._anywhere(not math.isfinite(losses["loss"].item())):
                raise self._diverged(phase)
            self.fabric.backward(losses["loss"])
            norm = self.fabric.clip_gradients(
                model, optimizer, max_norm=self.recipe.clip, error_if_nonfinite=False
            )
            # With float16 an overflow is usual; its scaler leaves out the step.
            if self.precision != "16-mixed" and not torch.as_tensor(norm).isfinite():
                raise self._diverged(phase)
            optimizer.step()
            optimizer.zero_grad()
            if self.average:
                self.average.update_parameters(self.network)
            self._count(phase, losses)
            if self._anywhere(interrupt.asked):
                self._save(optimizer)
                self.fabric.barrier()  # nobody goes before it is written
                raise KeyboardInterrupt
            if time.monotonic() - last_save_s > _SAVE_EVERY_S:
                self._save(optimizer)
                last_save_s = time.monotonic()

    def _anywhere(self, here: bool) -> bool:
        """Whether it is so in any process, that all may end after the same step."""
        if self.fabric.world_size == 1:
            return here
        flag = torch.tensor(float(here), device=self.fabric.device)
        return bool(torch.as_tensor(self.fabric.all_reduce(flag, reduce_op="sum")) > 0)

    def _batches(self, crops: Crops) -> Iterator[Batch]:
        """What is left of the epoch."""
        self.order.epoch = sum(p.epochs for p in self.recipe.phases[: self.place.phase])
        self.order.epoch += self.place.epoch
        self.order.first_batch = self.place.batch
        batches = loader(crops, self.order, batch=self.per_process, workers=self.recipe.workers)
        for batch in batches:
            yield self.fabric.to_device(batch)

    def _schedule(self, phase: Phase) -> float:
        """Linear warm-up, then half a cosine, over the phase; 0..1."""
        step = self.place.epoch * self.order.batches + self.place.batch
        total = phase.epochs * self.order.batches
        warmup = min(self.recipe.warmup, total // 2)
        if step < warmup:
            return (step + 1) / warmup
        return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(total - warmup, 1)))

    def _losses(self, phase: Phase, model: nn.Module, batch: Batch) -> dict[str, Tensor]:
        weights: dict[str, float] = dict(phase.losses.items())
        needed = {NEEDS.get(name, name) for name in weights} | set(phase.keep)
        image = as_input(batch)
        out = model(image, tuple(needed))
        losses = {name: LOSSES[name](out, batch, self.targets) for name in weights}
        if phase.keep:
            with torch.no_grad(), self.fabric.autocast():
                before = self.starting(image, tuple(phase.keep))
            for name, weight in phase.keep.items():
                losses[f"keep_{name}"] = keep(
                    out[name], before[name], probability=name == "presence"
                )
                weights[f"keep_{name}"] = weight
        losses["loss"] = torch.stack([weights[name] * losses[name] for name in weights]).sum()
        return losses

    def _count(self, phase: Phase, losses: dict[str, Tensor]) -> None:
        place = self.place
        for name, value in losses.items():
            place.losses[name] = place.losses.get(name, 0.0) + float(value.detach())
        place.batch += 1
        self.seen += self.per_process * self.fabric.world_size
        self._tell(self._progress(phase))

    def _tell(self, progress: Progress) -> None:
        if self.fabric.is_global_zero:
            self.watch(progress)

    def _progress(self, phase: Phase) -> Progress:
        place = self.place
        epochs = sum(earlier.epochs for earlier in self.recipe.phases[: place.phase]) + place.epoch
        return Progress(
            phase.name,
            place.epoch + 1,
            phase.epochs,
            place.batch,
            self.order.batches,
            epochs * self.order.batches + place.batch,
            {name: total / max(place.batch, 1) for name, total in place.losses.items()},
            self.seen / (time.monotonic() - self.began_s),
        )

    def _end_epoch(self, phase: Phase) -> None:
        """Validate, keep the best and the last weights, and write a row of history."""
        judged = self._judged(phase)
        validation = validate(
            judged,
            self._crops(phase, self.validation, substitute=False),
            self.start.skeleton,
            fabric=self.fabric,
            batch=self.per_process,
            workers=self.recipe.workers,
            outputs=self._judged_by(phase),
        )
        progress, scores = self._progress(phase), validation.scores
        row = {
            "phase": phase.name,
            "epoch": progress.epoch,
            **{name: round(value, 6) for name, value in progress.losses.items()},
            **{name: round(value, 4) for name, value in scores.items()},
            "images_per_s": round(progress.images_per_s, 1),
        }
        place = self.place
        place.history.append(row)
        place.epoch, place.batch, place.losses = place.epoch + 1, 0, {}
        if self.fabric.is_global_zero:
            self._write(judged, best=scores["pck"] >= place.best)
        place.best = max(place.best, scores["pck"])
        self._tell(replace(progress, row=row, validation=validation))

    def _judged_by(self, phase: Phase) -> tuple[str, ...]:
        """Landmarks, or heatmaps as long as nothing but these has been taught."""
        so_far = self.recipe.phases[: self.place.phase + 1]
        fresh = self.recipe.start is None and all(map(_teaches_maps, so_far))
        return HEATMAP if fresh or phase.size not in (None, self.network.size) else FOUND

    def _judged(self, phase: Phase) -> ImageNetwork:
        """A network with the averaged and blended weights: what is validated and kept."""
        network = copy.deepcopy(self.starting)
        start = self.starting.state_dict()
        end = plain_state(self.average.module if self.average else self.network, start)
        network.load_state_dict(blended(start, end, phase.blend))
        return network

    def _write(self, judged: ImageNetwork, *, best: bool) -> None:
        checkpoint = Checkpoint(self.start.name, judged, self.start.skeleton)
        save_checkpoint(checkpoint, self.folder / "last.safetensors")
        if best:
            save_checkpoint(checkpoint, self.folder / "best.safetensors")
        with aside(self.folder / "history.jsonl") as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in self.place.history))

    def _save(self, optimizer: Any) -> None:
        if not self.fabric.is_global_zero:
            return
        state = State(
            repr(self.recipe),
            self.digest,
            self.place,
            self.network.state_dict(),
            self.average.state_dict() if self.average else None,
            optimizer.state_dict() if optimizer else None,
        )
        save_state(state, self.state_file)

    def _diverged(self, phase: Phase) -> TrainingError:
        return TrainingError(
            f"the loss is no number any more in phase {phase.name!r}, epoch "
            f"{self.place.epoch + 1}, batch {self.place.batch + 1}: try a learning_rate below "
            f"{phase.learning_rate:g} or a longer warmup; the last good weights are in "
            f"{self.folder}"
        )


def _fabric(recipe: Recipe) -> Fabric:
    """One device, or those of all processes that torchrun has started."""
    local, world = (int(os.environ.get(name, 1)) for name in ("LOCAL_WORLD_SIZE", "WORLD_SIZE"))
    return Fabric(
        devices=local,
        num_nodes=world // local,
        strategy="ddp_find_unused_parameters_true" if world > 1 else "auto",
        precision=_precision(recipe),  # type: ignore[arg-type]
    )


def _precision(recipe: Recipe) -> str:
    if recipe.precision != "auto":
        return recipe.precision
    if torch.cuda.is_available():
        exact = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16-mixed" if exact else "16-mixed"
    return "bf16-mixed" if torch.cpu._is_avx512_bf16_supported() else "32-true"


def _teaches_maps(phase: Phase) -> bool:
    """Whether the phase teaches heatmaps, and no output that is read from them."""
    return "heatmap" in phase.losses and {NEEDS.get(name, name) for name in phase.losses} <= MAPS


def _check_shares(recipe: Recipe, processes: int) -> None:
    if recipe.batch % processes:
        raise TrainingError(
            f"expected a batch that {processes} processes can share, got {recipe.batch}"
        )


def _partners(skeleton: Skeleton) -> tuple[int, ...]:
    """Left-right partner of each row of landmarks; rows beyond the skeleton have none."""
    return (*skeleton.mirror.tolist(), *range(len(skeleton), points_of(skeleton)))


def _check_labelled(validation: Sequence[Example], skeleton: Skeleton) -> None:
    if not any((example.trust[: len(skeleton), 0] == 1).any() for example in validation):
        raise TrainingError(
            f"expected labelled people to validate on, got {len(validation)} without a label of "
            f"the network's {len(skeleton)} keypoints"
        )


def _freeze(network: nn.Module, prefixes: Sequence[str]) -> None:
    for name, parameter in network.named_parameters():
        plain = name.replace("parametrizations.", "").replace(".original", "")  # scaled channels
        parameter.requires_grad_(plain.startswith(tuple(prefixes)))


def _learn_mode(network: nn.Module) -> None:
    """Batch norm of frozen parts keeps its statistics."""
    network.train()
    for module in network.modules():
        own = list(module.parameters())
        if own and not any(p.requires_grad for p in own):
            module.eval()
