"""The training loop: phases of epochs of steps, validated, saved, and resumed to the same numbers.

Reads top to bottom. Knows no file of a data set: examples come in, files of weights go out.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from blazepose.aside import aside
from blazepose.errors import TrainingError
from blazepose.nets.build import points_of
from blazepose.nets.network import ImageNetwork
from blazepose.skeleton import Skeleton
from blazepose.train.devices import anywhere, launched, precision_of
from blazepose.train.examples import Example, digest
from blazepose.train.interrupt import Interrupt
from blazepose.train.loader import Batch, Crops, Order, loader, plain_errors
from blazepose.train.losses import MAPS, NEEDS, Targets
from blazepose.train.processor import keep_memory
from blazepose.train.progress import Progress, Watch
from blazepose.train.recipe import Phase, Recipe
from blazepose.train.start import check_phases
from blazepose.train.state import Place, State, load_state, save_state
from blazepose.train.student import Student
from blazepose.train.validate import FOUND, HEATMAP, validate
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint

_SAVE_EVERY_S = 300


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
        self.fabric = launched(recipe)
        self.recipe, self.folder, self.watch = recipe, folder, watch
        self.start, self.learners, self.validation = start, train, validation
        self.digest = digest([*train, *validation], start.skeleton)
        self.per_process = recipe.batch // self.fabric.world_size
        self.order = Order(
            len(train),
            batch=self.per_process,
            seed=recipe.seed,
            rank=self.fabric.global_rank,
            world=self.fabric.world_size,
        )
        skeleton = start.skeleton
        partners = skeleton.mirrored_rows(points_of(skeleton)).tolist()
        self.targets = Targets(recipe.distance, recipe.sigma, tuple(partners))
        keep_memory()
        self.student = Student(start.network, recipe)
        self.place, self.optimizer_state = self._taken_up()
        self.student.to_device(self.fabric)
        self.began_s, self.seen = time.monotonic(), 0

    def _taken_up(self) -> tuple[Place, dict[str, Any] | None]:
        """Where the folder's run was, with its weights and the state of its optimizer."""
        place, optimizer_state = Place(), None
        if self.state_file.exists():
            state = load_state(self.state_file, recipe=repr(self.recipe), data=self.digest)
            place, optimizer_state = state.place, state.optimizer
            try:
                self.student.take_up(state.network, state.average)
            except RuntimeError as error:
                raise TrainingError(
                    f"{self.state_file} holds another network, as of data with other keypoints: "
                    "choose another --out, or delete the folder to begin anew"
                ) from error
        here = (place.phase, place.epoch, place.batch)
        if anywhere(self.fabric, self.fabric.broadcast(here) != here):
            raise TrainingError(
                f"{self.folder} is not the same folder for all processes: choose an --out that the "
                "machines share"
            )
        return place, optimizer_state

    @property
    def precision(self) -> str:
        """As Lightning Fabric names it."""
        return precision_of(self.recipe)

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
                self.student.end_phase(phase)
                self.place.phase, self.place.epoch, self.place.best = number + 1, 0, -1.0
                self._save(None)
        return self.folder / "best.safetensors"

    def _run_phase(self, phase: Phase, interrupt: Interrupt) -> None:
        network = self.student.network
        self.student.freeze_all_but(tuple(phase.train))
        learning = [p for p in network.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(learning, weight_decay=self.recipe.weight_decay)
        if self.optimizer_state:  # of the phase in which the run was broken off
            optimizer.load_state_dict(self.optimizer_state)
        self.optimizer_state = None
        model, optimizer = self.fabric.setup(network, optimizer)
        augment = self.recipe.augment if phase.augment else None
        crops = self._crops(phase, self.learners, augment=augment)
        while self.place.epoch < phase.epochs:
            self._run_epoch(phase, model, optimizer, crops, interrupt)
            self._end_epoch(phase)
            self._save(optimizer)

    def _crops(self, phase: Phase, people: Sequence[Example], **options: Any) -> Crops:
        return Crops(
            people,
            self.start.skeleton,
            whole=self.recipe.roi == "whole",
            size=phase.size or self.start.network.size,
            **options,
        )

    def _run_epoch(
        self, phase: Phase, model: nn.Module, optimizer: Any, crops: Crops, interrupt: Interrupt
    ) -> None:
        self.student.learn_mode()
        last_save_s = time.monotonic()
        for batch in self._batches(crops):
            for group in optimizer.param_groups:
                group["lr"] = phase.learning_rate * self._schedule(phase)
            losses = self.student.losses(phase, model, batch, self.targets, self.fabric)
            if anywhere(self.fabric, not math.isfinite(losses["loss"].item())):
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
            self.student.after_step()
            self._count(phase, losses)
            if anywhere(self.fabric, interrupt.asked):
                self._save(optimizer)
                self.fabric.barrier()  # nobody goes before it is written
                raise KeyboardInterrupt
            if time.monotonic() - last_save_s > _SAVE_EVERY_S:
                self._save(optimizer)
                last_save_s = time.monotonic()

    def _batches(self, crops: Crops) -> Iterator[Batch]:
        """What is left of the epoch."""
        self.order.epoch = self._epochs_done
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
        return Progress(
            phase.name,
            place.epoch + 1,
            phase.epochs,
            place.batch,
            self.order.batches,
            self._epochs_done * self.order.batches + place.batch,
            {name: total / max(place.batch, 1) for name, total in place.losses.items()},
            self.seen / (time.monotonic() - self.began_s),
        )

    @property
    def _epochs_done(self) -> int:
        """Over all phases."""
        before = self.recipe.phases[: self.place.phase]
        return sum(phase.epochs for phase in before) + self.place.epoch

    def _end_epoch(self, phase: Phase) -> None:
        """Validate, keep the best and the last weights, and write a row of history."""
        judged = self.student.judged(phase)
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
        return HEATMAP if fresh or phase.size not in (None, self.start.network.size) else FOUND

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
            self.student.network.state_dict(),
            self.student.average.state_dict() if self.student.average else None,
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


def _teaches_maps(phase: Phase) -> bool:
    """Whether the phase teaches heatmaps, and no output that is read from them."""
    return "heatmap" in phase.losses and {NEEDS.get(name, name) for name in phase.losses} <= MAPS


def _check_labelled(validation: Sequence[Example], skeleton: Skeleton) -> None:
    if not any((example.trust[: len(skeleton), 0] == 1).any() for example in validation):
        raise TrainingError(
            f"expected labelled people to validate on, got {len(validation)} without a label of "
            f"the network's {len(skeleton)} keypoints"
        )
