"""blazepose beside MediaPipe 0.10.21 itself, on the same pixels.

    python scripts/compare_mediapipe.py clips    # distance between the two systems' poses
    python scripts/compare_mediapipe.py stills   # MediaPipe's side of accuracy.py

MediaPipe lives in an environment of its own in blazepose's cache folder (about 1 GB, made on the
first run with a Python 3.10 to 3.12). Its results are kept as JSON in `--out` and taken from there
when a job is run again. How fast both are, `blazepose bench` tells.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from accuracy import DATA, MODELS, REFERENCE, SETS, benchmark
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import blazepose as bp
from blazepose.bench.environment import environment
from blazepose.metrics import torso_size
from blazepose.skeleton import BLAZEPOSE33
from blazepose.weights import store

SCRIPTS = Path(__file__).resolve().parent
MEDIAPIPE = "mediapipe==0.10.21"
CLIPS = ("pose_squats", "squat_front", "taiji", "walk_across", "pose_1", "single_person_demo")
FRAME_INTERVAL_S = 0.033333  # the clock of mp.solutions, whatever the clip says
console = Console()


def main() -> None:
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    args.job(args, reference_python())


def compare_clips(args: argparse.Namespace, python: Path) -> None:
    """Distances over all 33 points of the frames in which both systems see somebody."""
    names = ("model", "smooth", "frames", "lone", "median", "mean", "3-D cm")
    table = Table(Column("clip", no_wrap=True), *names, box=SIMPLE)
    for name in args.clips:
        clip = args.data / "videos" / f"{name}.mp4"
        for model in args.models:
            for smooth in (True, False):
                theirs = reference_clip(clip, model, smooth, args.out, python)
                ours = track(clip, model, smooth=smooth)
                switch = "on" if smooth else "off"
                table.add_row(name, model, switch, *distances(ours, theirs))
    console.print(
        "median, mean: 2-D distance, % of torso; lone: frames where one system sees nobody"
    )
    console.print(table)


def find_on_stills(args: argparse.Namespace, python: Path) -> None:
    """MediaPipe's poses on the images of the benchmarks, under the names accuracy.py looks for."""
    for name in args.sets:
        images = [str(sample.image) for sample in benchmark(name, args.data)]
        paths = args.out / f"{name}.txt"
        paths.write_text("\n".join(images))
        for model in args.models:
            out = args.out / f"{name}.{model}.json"
            if not out.exists():
                run_reference(python, out, "images", f"@{paths}", *weights(model))
            console.print(out)


def reference_clip(
    clip: Path, model: str, smooth: bool, folder: Path, python: Path
) -> dict[str, Any]:
    out = folder / f"{clip.stem}.{model}.{'smooth' if smooth else 'raw'}.json"
    if not out.exists():
        switch = () if smooth else ("--no-smooth",)
        run_reference(python, out, "clip", clip, *weights(model), *switch)
    return json.loads(out.read_text())


def track(clip: Path, model: str, *, smooth: bool) -> list[bp.Pose | None]:
    tracker = bp.Tracker(model, smooth=smooth, released=True)
    timed = (replace(f, time_s=f.index * FRAME_INTERVAL_S) for f in bp.frames(clip))
    return [next(iter(tracker(frame)), None) for frame in timed]


def distances(ours: list[bp.Pose | None], theirs: dict[str, Any]) -> Iterable[str]:
    pairs = list(zip(ours, theirs["frames"], strict=True))
    both = [(our, their) for our, their in pairs if our and their]
    points = np.array(
        [[our.points[:, :2], np.array(their["points"])[:, :2]] for our, their in both]
    )
    world = np.array([[our.world, their["world"]] for our, their in both])
    torso = torso_size(points[:, 1], np.ones(points.shape[::2], bool), BLAZEPOSE33)
    share = 100 * np.linalg.norm(points[:, 0] - points[:, 1], axis=-1) / torso[:, None]
    apart_cm = 100 * np.linalg.norm(world[:, 0] - world[:, 1], axis=-1)
    lone = sum((our is None) != (their is None) for our, their in pairs)
    return (
        *(str(len(pairs)), str(lone)),
        *(f"{np.median(share):.2f}", f"{share.mean():.2f}", f"{apart_cm.mean():.2f}"),
    )


def run_reference(python: Path, out: Path, *arguments: str | Path) -> None:
    command = [python, SCRIPTS / "reference_mediapipe.py", *arguments, "--out", out]
    console.print(f"MediaPipe: {out.name} ...", highlight=False)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{done.stderr}\nMediaPipe's side failed, see above")


def weights(model: str) -> tuple[str | Path, ...]:
    """Arguments that name a model and give the reference the same file that blazepose runs."""
    return ("--model", model, "--weights", store.path(model))


def reference_python() -> Path:
    """Python of the reference environment; the environment is made where it is missing.

    av is there in blazepose's own version, so that both systems see the same pixels.
    """
    packages = (MEDIAPIPE, f"av=={av.__version__}")
    name = "-".join(packages).replace("==", "-")
    return environment(name, packages, python=((3, 10), (3, 12)))


def parse_arguments() -> argparse.Namespace:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=DATA, help="holds videos/, lsp/, coco-mini/")
    shared.add_argument("--out", type=Path, default=REFERENCE)
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    jobs = parser.add_subparsers(required=True)
    clips = jobs.add_parser("clips", parents=[shared])
    clips.add_argument("--clips", nargs="+", default=CLIPS, help="names under videos/")
    clips.add_argument("--models", nargs="+", choices=MODELS, default=["full"])
    clips.set_defaults(job=compare_clips)
    stills = jobs.add_parser("stills", parents=[shared])
    stills.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    stills.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    stills.set_defaults(job=find_on_stills)
    return parser.parse_args()


if __name__ == "__main__":
    main()
