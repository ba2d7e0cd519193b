"""The LSP study's variants, trained alike and judged alike, beside the study's own numbers.

    python scripts/ablation.py                            # the budget of the recipes, one seed
    python scripts/ablation.py --budget 40 --seeds 0 1    # 40 epochs each, two seeds
    python scripts/ablation.py --only base mirror

One process after the other trains recipes/lsp14-*.toml on LSP 1..1200; broken off, the same command
goes on where it was, and what is finished is not run again. Then all are judged on 1601..2000, the
whole image stretched to a square as input, 14 joints, and timed together, in turns, in OpenVINO.
Writes ablation.json and ablation.md into --out, the runs beside them.

PCK in three forms: at half the head in the stretched image, where the study measures; at half the
head in the image as it is; and at 0.71 of the head in the stretched image, which the study's
program measures under the name of half the head: it compares squared lengths.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from rich.console import Console

from blazepose.datasets import read_lsp
from blazepose.metrics import head_size, pck
from blazepose.runtimes import Network, Runtime, load
from blazepose.runtimes.graph import read_model
from blazepose.skeleton import LSP14
from blazepose.train.examples import Example, examples
from blazepose.train.loader import Crops
from blazepose.train.validate import validate
from blazepose.video import read_image
from blazepose.weights.checkpoint import Checkpoint, load_checkpoint
from blazepose.weights.cost import cost
from blazepose.weights.export import export
from blazepose.weights.layout import FileLayout

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
VARIANTS = ("base", "joint", "hires", "mirror", "vit", "vit2", "cbam", "center")
# PCK in percent and ms per image, as the study prints them.
STUDY = {
    "base": (58.5, 116),
    "hires": (39.1, 290),
    "mirror": (43.7, 93),
    "vit": (41.7, 117),
    "cbam": (42.0, 124),
}
TEST = slice(1600, 2000)
THREADS, ROUNDS = 2, 100
CONSOLE = Console()


@dataclass(frozen=True)
class Run:
    """A recipe with a seed and a number of epochs.

    Attributes:
        variant: of `VARIANTS`.
        seed: of weights, order and variation.
        folder: of the run.
        recipe: TOML.
        epochs: of all phases.
    """

    variant: str
    seed: int
    folder: Path
    recipe: str
    epochs: int

    @classmethod
    def of(cls, variant: str, seed: int, budget: int | None, out: Path) -> Run:
        """The recipe's phases share the budget as they share their own epochs."""
        text = (ROOT / "recipes" / f"lsp14-{variant}.toml").read_text(encoding="utf-8")
        own = [int(count) for count in re.findall(r"^epochs = (\d+)$", text, re.M)]
        ends = [round(sum(own[:i]) * (budget or sum(own)) / sum(own)) for i in range(len(own) + 1)]
        counts = iter(np.diff(ends).tolist())
        text = re.sub(r"^epochs = \d+$", lambda _: f"epochs = {next(counts)}", text, flags=re.M)
        folder = out / "ablation" / f"{variant}-{ends[-1]}-{seed}"
        return cls(variant, seed, folder, f"seed = {seed}\n{text}", ends[-1])

    @property
    def finished(self) -> bool:
        """Whether every epoch has its line in the history."""
        history = self.folder / "history.jsonl"
        return history.is_file() and len(history.read_text().splitlines()) >= self.epochs

    @property
    def best(self) -> Path:
        """The weights to judge."""
        return self.folder / "best.safetensors"

    def train(self, data: Path) -> None:
        """Start or go on, in a process of its own."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        recipe = self.folder.with_suffix(".toml")
        recipe.write_text(self.recipe, encoding="utf-8")
        command = ("train", str(recipe), "--data", str(data), "--out", str(self.folder))
        start = "from blazepose.cli import main; main()"
        with subprocess.Popen([sys.executable, "-c", start, *command]) as process:
            try:
                process.wait()
            except KeyboardInterrupt:
                process.wait()  # it was interrupted too, and saves its state
                raise


def main() -> None:
    args = parse_arguments()
    runs = [Run.of(v, seed, args.budget, args.out) for seed in args.seeds for v in args.only]
    for number, run in enumerate(runs, 1):
        if not run.finished:
            CONSOLE.rule(f"{run.variant}, seed {run.seed} ({number} of {len(runs)})")
            run.train(args.data)
    done = [run for run in runs if run.finished]
    for run in runs:
        if run not in done:
            CONSOLE.print(f"[yellow]left out, not finished:[/] {run.folder}")
    if not done:
        sys.exit(1)
    rows = list(summary(done, args.data))
    table = markdown(rows, budget=done[0].epochs, seeds=len(args.seeds))
    (args.out / "ablation.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (args.out / "ablation.md").write_text(table, encoding="utf-8")
    CONSOLE.print(table, markup=False, soft_wrap=True)


def summary(runs: Sequence[Run], data: Path) -> Iterator[dict[str, Any]]:
    """A row per variant: scores of each seed, and what one of its networks costs."""
    people = examples(read_lsp(data / "lsp")[TEST], LSP14)
    sizes_wh = np.array([read_image(person.image).shape[1::-1] for person in people])
    networks = {run.variant: load_checkpoint(run.best) for run in runs}
    costs = measured(networks)
    for variant in networks:
        same = [run for run in runs if run.variant == variant]
        scores = [judged(load_checkpoint(run.best), people, sizes_wh) for run in same]
        seeds = [{"seed": run.seed, **score} for run, score in zip(same, scores, strict=True)]
        yield {"variant": variant, "epochs": same[0].epochs, "seeds": seeds, **costs[variant]}


def judged(
    checkpoint: Checkpoint, people: Sequence[Example], sizes_wh: np.ndarray
) -> dict[str, float]:
    """Percent of right joints by the three measures of the file's head, and by the torso."""
    crops = Crops(people, LSP14, whole=True)
    fabric = Fabric(accelerator="cpu", devices=1)
    seen = validate(checkpoint.network, crops, LSP14, fabric=fabric, batch=16, workers=0)
    unstretch = sizes_wh[seen.items][:, None] / checkpoint.network.size  # (N, 1, 2)
    found, truth = seen.found * unstretch, seen.truth * unstretch
    heads, heads_px = (head_size(points, seen.known, LSP14) for points in (seen.truth, truth))
    shares = {
        "pckh": pck(seen.found, seen.truth, seen.known, heads, 0.5),
        "pckh_image": pck(found, truth, seen.known, heads_px, 0.5),
        "pckh_squared": pck(seen.found, seen.truth, seen.known, heads, math.sqrt(0.5)),
    }
    return {name: round(100 * share, 2) for name, share in shares.items()} | {
        "pck": round(seen.scores["pck"], 2)
    }


def measured(networks: dict[str, Checkpoint]) -> dict[str, dict[str, float]]:
    """Parameters, multiply-adds and ms per image of each, as exported; timed in turns."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.xml" for name in networks}
        for name, file in files.items():
            export(networks[name], file, to="openvino")
        costs = {name: cost(read_model(file)) for name, file in files.items()}
        times = in_turns({name: opened(networks[name], files[name]) for name in networks})
    return {
        name: {
            "parameters": costs[name].parameters,
            "multiply_adds": costs[name].multiply_adds,
            "ms": round(times[name], 2),
        }
        for name in networks
    }


def opened(checkpoint: Checkpoint, file: Path) -> Runtime:
    """An exported network with all its outputs."""
    network, layout = checkpoint.network, FileLayout(checkpoint.network)
    with torch.inference_mode():
        results = zip(layout.outputs, layout(layout.example()), strict=True)
    shapes = {name: tuple(value.shape[1:]) for name, value in results}
    expected = Network(checkpoint.name, network.size, network.mean, network.std, shapes)
    return load(file, expected, runtime="openvino", threads=THREADS)


def in_turns(runs: dict[str, Runtime]) -> dict[str, float]:
    """Shortest ms of one call of each, which other work on the machine disturbs least."""
    image = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3), np.uint8)
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            began = time.perf_counter()
            run(image)
            times[name].append(1000 * (time.perf_counter() - began))
    return {name: min(values) for name, values in times.items()}


def markdown(rows: Sequence[dict[str, Any]], *, budget: int, seeds: int) -> str:
    """The table, with the study's numbers beside; the mean of the seeds, their range after it."""
    protocol = "LSP 1601..2000, 14 joints, PCK in %"
    lines = [
        f"{budget} epochs each, {seeds} seed{'s' * (seeds > 1)}; {protocol}",
        "",
        "| variant | half the head | same, image not stretched | study's program (0.71 head) "
        "| study | parameters | multiply-adds | ms | study's ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        scores = [
            spread([s[name] for s in row["seeds"]])
            for name in ("pckh", "pckh_image", "pckh_squared")
        ]
        pck_then, ms_then = STUDY.get(row["variant"], ("-", "-"))
        size = (f"{row['parameters'] / 1e6:.2f} M", f"{row['multiply_adds'] / 1e6:.0f} M")
        cells = (row["variant"], *scores, pck_then, *size, f"{row['ms']:.1f}", ms_then)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines) + "\n"


def spread(values: Sequence[float]) -> str:
    mean = f"{statistics.fmean(values):.1f}"
    return mean if len(values) == 1 else f"{mean} ({min(values):.1f} to {max(values):.1f})"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="holds lsp/")
    parser.add_argument("--out", type=Path, default=ROOT / "out", help="for runs and results")
    parser.add_argument("--only", nargs="+", choices=VARIANTS, default=VARIANTS, metavar="VARIANT")
    parser.add_argument("--budget", type=int, help="epochs of each run; else as the recipes say")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    return parser.parse_args()


if __name__ == "__main__":
    main()
