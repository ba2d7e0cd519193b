"""Train the person finder: a network that looks for whole people instead of faces.

    python scripts/label_people.py DATA
    python scripts/train_finder.py DATA/people/labels.json runs/finder

Begins with the trunk of the released Lite landmark network, goes on where a run in the folder was
broken off, and leaves the averaged weights in last.safetensors and a line per epoch in
history.jsonl. Every 25th picture is not learned from but judged by.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from rich.progress import Progress
from torch import Tensor, nn

from blazepose import boxes
from blazepose.aside import aside
from blazepose.nets.finder import Finder, centres
from blazepose.train.average import averaged
from blazepose.train.channels import plain_state, scale_channels
from blazepose.train.detection import losses
from blazepose.train.loader import Order, loader
from blazepose.train.processor import keep_memory, speed_up_depthwise
from blazepose.train.scenes import PERSON, Picture, Scenes, read_pictures
from blazepose.weights import store
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint
from blazepose.weights.load import load_network

BATCH, WARMUP, EMA, CLIP = 32, 100, 0.999, 5.0
WEIGHTS = {"score": 4.0, "box": 1.0, "points": 4.0}
TRUNK = ("backbone", "decoder")  # it knows bodies already
JUDGED = 25  # every so manieth picture
REPEAT = {"coco-mini": 10, "lsp": 2}  # few, but photos as people take them
SCORE, OVERLAP, SAME = 0.3, 0.5, 0.5


class Run:
    """A training run in a folder."""

    def __init__(self, pictures: list[Picture], folder: Path, *, epochs: int, rate: float) -> None:
        self.folder, self.epochs, self.rate = folder, epochs, rate
        self.judged = pictures[JUDGED - 1 :: JUDGED]
        learned = [p for i, p in enumerate(pictures) if i % JUDGED != JUDGED - 1]
        self.learned = [p for p in learned for _ in range(_repeat(p))]
        self.order = Order(len(self.learned), batch=BATCH, seed=0)
        self.network = _started()
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        keep_memory()
        speed_up_depthwise(self.network)
        for part in TRUNK:
            scale_channels(self.network.get_submodule(part))
        self.network.requires_grad_(True)
        self.average = averaged(self.network, EMA)
        self.optimizer = torch.optim.AdamW(self.network.parameters(), weight_decay=0.01)
        self.centres, self.epoch = centres(self.network.size), 0
        self.history: list[dict[str, float]] = []
        self._resume()

    def run(self) -> None:
        """To the end; the state is saved after every epoch."""
        with Progress() as progress:
            task = progress.add_task("", total=(self.epochs - self.epoch) * self.order.batches)
            while self.epoch < self.epochs:
                began, total = time.monotonic(), dict.fromkeys(WEIGHTS, 0.0)
                for number, batch in enumerate(self._batches()):
                    for name, value in self._step(number, batch).items():
                        total[name] += value
                    told = {name: round(value / (number + 1), 3) for name, value in total.items()}
                    progress.update(task, advance=1, description=f"epoch {self.epoch + 1} {told}")
                speed = self.order.batches * BATCH / (time.monotonic() - began)
                means = {name: value / self.order.batches for name, value in total.items()}
                self.epoch += 1
                self.history.append({**means, **self._judge(), "images_per_s": speed})
                self._save()

    def _batches(self) -> Iterator[dict[str, Tensor]]:
        self.order.epoch = self.epoch
        scenes = Scenes(self.learned, size=self.network.size)
        yield from loader(scenes, self.order, batch=BATCH, workers=1)

    def _step(self, number: int, batch: dict[str, Tensor]) -> dict[str, float]:
        self.network.train()
        step, steps = self.epoch * self.order.batches + number, self.epochs * self.order.batches
        for group in self.optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * step / steps))
            group["lr"] = self.rate * min(1.0, (step + 1) / WARMUP) * cosine
        found = losses(self.network(_input(batch)), batch, self.centres)
        torch.stack([WEIGHTS[name] * value for name, value in found.items()]).sum().backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.average.update_parameters(self.network)
        return {name: float(value.detach()) for name, value in found.items()}

    def _plain(self) -> Checkpoint:
        network = Finder().eval()
        network.load_state_dict(plain_state(self.average.module, network.state_dict()))
        return Checkpoint("finder", network)

    def _judge(self) -> dict[str, float]:
        """Recall, false finds per picture, and how far mid-hip is off in parts of the circle."""
        network = self._plain().network
        order = Order(len(self.judged), batch=1, seed=0)
        scenes = Scenes(self.judged, size=network.size, varied=False)
        hits = people = false = 0
        off: list[float] = []
        for batch in loader(scenes, order, batch=BATCH, workers=1):
            with torch.no_grad():
                out = network(_input(batch))
            for i, kind in enumerate(batch["kind"].numpy()):
                scores = boxes.scores(out["scores"][i, :, 0].numpy())
                good = scores > SCORE
                raw = torch.cat([out["boxes"][i], out["points"][i]], 1).numpy()[good]
                found = boxes.weighted_nms(raw.reshape(-1, 5, 2), scores[good], overlap=OVERLAP)
                places = [place for place, _ in found]
                truth = batch["boxes"][i].numpy()
                taken, matched = _match(places, truth, kind == PERSON)
                hits, people = hits + len(matched), people + int((kind == PERSON).sum())
                false += sum(_is_false(p, truth[kind != 0]) for p in taken)
                off += [
                    _off(place, batch["points"][i, row].numpy())
                    for row, place in matched.items()
                    if batch["known"][i, row]
                ]
        return {
            "recall": hits / max(people, 1),
            "false_per_picture": false / len(self.judged),
            "mid_hip_off": float(np.median(off or [np.nan])),
        }

    def _save(self) -> None:
        save_checkpoint(self._plain(), self.folder / "last.safetensors")
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "history": self.history,
        }
        with aside(self.folder / "state.pt") as part:
            torch.save(state, part)
        with aside(self.folder / "history.jsonl") as part:
            part.write_text("".join(json.dumps(row) + "\n" for row in self.history))

    def _resume(self) -> None:
        if not (self.folder / "state.pt").exists():
            return
        state = torch.load(self.folder / "state.pt", weights_only=True)
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.epoch, self.history = state["epoch"], state["history"]


def _started() -> Finder:
    """A fresh finder on the released trunk."""
    network, lite = Finder(), load_network(store.path("lite")).network.state_dict()
    known = {name: value for name, value in lite.items() if name.startswith(TRUNK)}
    network.load_state_dict({**network.state_dict(), **known})
    return network


def _repeat(picture: Picture) -> int:
    return next((n for name, n in REPEAT.items() if name in picture.image.parts), 1)


def _input(batch: dict[str, Tensor]) -> Tensor:
    """(B, 3, S, S), 0..1."""
    return batch["image"].permute(0, 3, 1, 2).float() / 255


def _match(
    places: list[np.ndarray], truth: np.ndarray, person: np.ndarray
) -> tuple[list[np.ndarray], dict[int, np.ndarray]]:
    """What is left of the places found, and row -> the place of each person who was found."""
    free, matched = list(places), {}
    for row in np.flatnonzero(person):
        overlaps = [float(boxes.iou(truth[row], p[:2].reshape(1, 4))[0]) for p in free]
        if overlaps and max(overlaps) > SAME:
            matched[int(row)] = free.pop(int(np.argmax(overlaps)))
    return free, matched


def _is_false(place: np.ndarray, truth: np.ndarray) -> bool:
    """It shows nothing that is labelled, not even a crowd."""
    return not len(truth) or float(boxes.iou(place[:2].reshape(4), truth).max()) < 0.1


def _off(place: np.ndarray, points: np.ndarray) -> float:
    reach = max(float(np.linalg.norm(points[1] - points[0])), 1.0)
    return float(np.linalg.norm(place[2] - points[0])) / reach


def main() -> None:
    """Read, train, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path, help="from label_people.py")
    parser.add_argument("folder", type=Path, help="of the run")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    run = Run(read_pictures(given.labels), given.folder, epochs=given.epochs, rate=given.rate)
    run.run()
    for number, row in enumerate(run.history, 1):
        print(number, {name: round(value, 4) for name, value in row.items()})


if __name__ == "__main__":
    main()
