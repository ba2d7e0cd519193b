"""Teach Full what Heavy sees, also of people whom others hide: the network `full-plus`.

    python scripts/vote_labels.py DATA
    python scripts/distil.py DATA runs/distil --hours 2

Learns from LSP 1..800, LSP Extended with mended labels, exercise photos and two thirds of
coco-mini. The first two stages of the backbone stay as they are. In the last tenth of the time the
mask's head learns to give the released masks again, as the maps that it reads have changed. Goes
on where a run in the folder was broken off, and leaves the averaged weights in last.safetensors
and a line every ten minutes in history.jsonl.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812
from rich.progress import Progress
from torch import Tensor, nn

from blazepose import heatmap
from blazepose.aside import aside
from blazepose.boxes import sigmoid
from blazepose.datasets import read
from blazepose.datasets.photos import read_photos
from blazepose.pose import Pose
from blazepose.runtimes import Network, load
from blazepose.skeleton import BLAZEPOSE33, LIMB_JOINTS
from blazepose.track import Tracker
from blazepose.train.augment import cut_out
from blazepose.train.average import averaged
from blazepose.train.channels import plain_state, scale_channels
from blazepose.train.distil import Pool, Teacher, losses
from blazepose.train.examples import Example, examples
from blazepose.train.interrupt import Interrupt
from blazepose.train.loader import Batch, Crops, Order, as_input, loader
from blazepose.train.others import Others
from blazepose.train.processor import keep_memory
from blazepose.train.recipe import Augment
from blazepose.video import read_image
from blazepose.weights import store
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint
from blazepose.weights.load import load_network

BATCH, READY, EMA, CLIP, WARMUP = 32, 768, 0.999, 1.0, 300
WEIGHTS = {
    **{"peaks": 1.5, "heights": 0.01, "landmarks": 0.5, "depth": 0.1, "visibility": 0.05},
    **{"in_frame": 0.05, "presence": 0.03, "world": 0.2},
}
AUGMENT = Augment(
    **{"scale": 0.15, "wide": 0.04, "half_body": 0.04, "background": 0.03, "occlude": 0.2}
)
FROZEN = ("backbone.stem", "backbone.stages.0", "backbone.stages.1")
MISPLACED = 0.1  # of the crops
MASK_SHARE, MASK_RATE = 0.1, 3e-3  # of the time, for the mask's head
# To logits of what is kept: presence to where the tracker's thresholds lie; heatmaps as people in
# others' way teach them too low.
PRESENCE, HEATMAP = 1.5, 0.7
SAVE_EVERY_S, JUDGE_EVERY_S = 300, 600
OUTPUTS = {"landmarks": (195,), "presence": (1,), "world": (117,), "heatmap": (64, 64, 39)}
RELEASED = {"landmarks": (195,), "mask": (256, 256, 1)}
LIMBS = [BLAZEPOSE33.index(name) for name in LIMB_JOINTS]
TORSO = [BLAZEPOSE33.index(name) for name in ("left_shoulder", "right_hip")]


class Run:
    """A training run in a folder."""

    def __init__(
        self, data: Path, folder: Path, *, hours: float, rate: float, start: Path | None = None
    ) -> None:
        self.folder, self.budget_s, self.rate = folder, 3600 * hours, rate
        self.learned, self.judged = people(data)
        self.network = load_network(start or store.path("full")).network
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.names = list(self.network.state_dict())
        keep_memory()
        scale_channels(self.network)
        self.average = averaged(self.network, EMA)
        self.step, self.spent_s, self.history = 0, 0.0, list[dict[str, float]]()
        self.teaching_masks = False
        self.optimizer = self._optimizer(masks=False)
        self._resume()

    @property
    def masks(self) -> bool:
        """Whether it is the mask's head that learns by now."""
        return self.spent_s > (1 - MASK_SHARE) * self.budget_s

    def run(self) -> None:
        """To the end, or until Ctrl-C."""
        pool = Pool(self._answers(), size=READY, seed=self.step, misplaced=MISPLACED)
        released = _network("full", RELEASED, precision="float32")
        saved_s, judged_s, total = self.spent_s, self.spent_s, dict[str, float]()
        with Interrupt() as interrupt, Progress() as progress:
            task = progress.add_task("", total=self.budget_s, completed=self.spent_s)
            while self.spent_s < self.budget_s and not interrupt.asked:
                began = time.monotonic()
                if self.masks and not self.teaching_masks:
                    self.optimizer = self._optimizer(masks=True)
                batch = pool.batch(BATCH)
                if self.teaching_masks:
                    found = self._masks(batch, released)
                else:
                    found = self._landmarks(batch)
                total = {k: 0.98 * total.get(k, v) + 0.02 * v for k, v in found.items()}
                self.spent_s += time.monotonic() - began
                told = {name: round(value, 3) for name, value in total.items()}
                progress.update(task, completed=self.spent_s, description=f"{self.step} {told}")
                ends = self.spent_s >= self.budget_s or interrupt.asked
                if ends or self.spent_s - judged_s > JUDGE_EVERY_S:
                    judged_s = self.spent_s
                    self.history.append({"step": self.step, **total, **self._judge()})
                if ends or self.spent_s - saved_s > SAVE_EVERY_S:
                    saved_s = self.spent_s
                    self._save()

    def _answers(self) -> Iterator:
        heavy, full = _network("heavy", OUTPUTS), _network("full", RELEASED)
        teacher = Teacher(heavy, full, Others(share=0.4, behind=0.55, seed=self.step))
        crops, order = (
            Crops(self.learned, BLAZEPOSE33, augment=AUGMENT),
            Order(len(self.learned), batch=BATCH, seed=1),
        )
        for epoch in itertools.count(self.step * BATCH // (4 * len(self.learned))):
            order.epoch = epoch
            for batch in loader(crops, order, batch=BATCH, workers=1):
                yield from teacher(batch)

    def _landmarks(self, batch: Batch) -> dict[str, float]:
        found = losses(self.network(as_input(batch), tuple(OUTPUTS)), batch)
        loss = torch.stack([weight * found[name] for name, weight in WEIGHTS.items()]).sum()
        self._learn(loss, self.rate, self.spent_s / self.budget_s / (1 - MASK_SHARE))
        return {name: float(value.detach()) for name, value in found.items()}

    def _masks(self, batch: Batch, released) -> dict[str, float]:
        """The mask's head of the averaged network."""
        network, images = self.average.module, batch["image"].numpy()
        aim = np.stack([sigmoid(o["mask"][..., 0]) for o in released.each(images)])
        found = network(as_input(batch), ("mask",))["mask"][:, 0]
        loss = F.binary_cross_entropy_with_logits(found.clamp(-30, 30), torch.from_numpy(aim))
        share = 1 - (self.budget_s - self.spent_s) / (MASK_SHARE * self.budget_s)
        self._learn(loss, MASK_RATE, share)
        return {"mask": float(loss.detach())}

    def _learn(self, loss: Tensor, rate: float, share: float) -> None:
        for group in self.optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * min(max(share, 0), 1)))
            group["lr"] = rate * min(1.0, (self.step + 1) / WARMUP) * cosine
        loss.backward()
        nn.utils.clip_grad_norm_(self.optimizer.param_groups[0]["params"], CLIP)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if not self.teaching_masks:
            self.average.update_parameters(self.network)
        self.step += 1

    def _optimizer(self, *, masks: bool) -> torch.optim.Optimizer:
        self.teaching_masks = masks
        network = self.average.module if masks else self.network
        for name, parameter in network.named_parameters():
            learns = name.startswith("mask.") == masks and not name.startswith(FROZEN)
            parameter.requires_grad_(learns)
        learning = [p for p in network.parameters() if p.requires_grad]
        return torch.optim.AdamW(learning, lr=self.rate, weight_decay=0.0)

    def _plain(self) -> Checkpoint:
        """What is judged and kept."""
        network = load_network(store.path("full")).network
        network.load_state_dict(plain_state(self.average.module, self.names))
        with torch.no_grad():
            network.presence.bias += PRESENCE
            network.heatmap.bias += HEATMAP
        return Checkpoint("full", network.eval())

    def _judge(self) -> dict[str, float]:
        """PCK@0.2 of the limbs in each set kept out: by regression, and by the heatmaps' maxima."""
        network, scores = self._plain().network, {}
        for name, judged in self.judged.items():
            right: dict[str, list[np.ndarray]] = {"regression": [], "maximum": []}
            for example in judged:
                crop = cut_out(example, read_image(example.image), example.roi)
                with torch.no_grad():
                    image = torch.from_numpy(crop.image)[None].permute(0, 3, 1, 2).float() / 255
                    out = network(image, ("landmarks", "heatmap"))
                places = out["landmarks"][0, :, :2].numpy() / 256
                maps = np.ascontiguousarray(out["heatmap"][0].permute(1, 2, 0).numpy())
                for how, found in zip(right, (places, heatmap.peaks(places, maps)), strict=True):
                    off = np.linalg.norm(found * 256 - crop.points[:, :2], axis=1)[LIMBS]
                    torso = np.linalg.norm(np.subtract(*crop.points[TORSO, :2]))
                    right[how].append((off < 0.2 * torso)[crop.trust[LIMBS, 0] == 1])
            scores |= {f"{name} {how}": float(np.concatenate(v).mean()) for how, v in right.items()}
        return scores

    def _save(self) -> None:
        save_checkpoint(self._plain(), self.folder / "last.safetensors")
        state = {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "masks": self.teaching_masks,
            "step": self.step,
            "spent_s": self.spent_s,
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
        self.step, self.spent_s = state["step"], state["spent_s"]
        self.history = state["history"]
        self.optimizer = self._optimizer(masks=state["masks"])
        self.optimizer.load_state_dict(state["optimizer"])


def people(data: Path) -> tuple[list[Example], dict[str, list[Example]]]:
    """To learn from, and to judge by."""
    lsp, voted, coco = (read(data / name) for name in ("lsp", "lspet-voted", "coco-mini"))
    photos = sorted({sample.image for sample in coco})
    kept = {photo for number, photo in enumerate(photos) if number % 3 != 2}
    coco = [s for s in coco if s.image in kept and s.labelled.sum() >= 6 and _height(s) >= 80]
    learned = 3 * examples(lsp[:800], BLAZEPOSE33) + 5 * examples(coco, BLAZEPOSE33)
    learned += examples([s for i, s in enumerate(voted) if i % 14 != 13], BLAZEPOSE33)
    tracker = Tracker("full", smooth=False)
    for sample in read_photos(data / "exercise-photos"):
        tracker.reset()
        learned += [_unlabelled(sample.image, pose) for pose in tracker(read_image(sample.image))]
    judged = {"LSP": examples(lsp[800:1000], BLAZEPOSE33)}
    judged["LSPET"] = examples(voted[13::14], BLAZEPOSE33)
    return learned, {
        name: [e for e in found if (e.trust[TORSO, 0] == 1).all()] for name, found in judged.items()
    }


def _height(sample) -> float:
    return 0.0 if sample.box_xyxy is None else float(sample.box_xyxy[3] - sample.box_xyxy[1])


def _unlabelled(image: Path, pose: Pose) -> Example:
    """Somebody of whom only the teacher will speak; the points are for halves of the body."""
    points, trust = np.zeros((39, 3), np.float32), np.zeros((39, 2), np.float32)
    points[:33], trust[:33] = pose.points, 0.01
    nothing = np.zeros(39, np.float32)
    return Example(image, pose.roi, points, trust, nothing, nothing, np.zeros_like(points), nothing)


def _network(name: str, outputs: dict[str, tuple[int, ...]], *, precision: str = "auto"):
    wanted = Network("landmark network", size=256, mean=0, std=255, outputs=outputs)
    return load(store.path(name), wanted, precision=precision)


def main() -> None:
    """Read, train, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with lsp, lspet-voted, coco-mini, ..")
    parser.add_argument("folder", type=Path, help="of the run")
    parser.add_argument("--hours", type=float, default=2, help="to train, pauses left out")
    parser.add_argument("--rate", type=float, default=2.5e-4, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="weights to begin with; else the released Full")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    run = Run(given.data, given.folder, hours=given.hours, rate=given.rate, start=given.start)
    run.run()
    for row in run.history:
        print({name: round(value, 4) for name, value in row.items()})


if __name__ == "__main__":
    main()
