"""Person masks of blazepose beside those of MediaPipe 0.10.21 itself, on the same pixels.

    python scripts/compare_masks.py

Intersection over union of both systems' pixels of at least one half, mean and worst frame of each
clip, with smoothing over time and without; frames in which only one system sees somebody are
counted as lone and left out. MediaPipe lives in the environment of `compare_mediapipe.py`, or in
the one of `--python`; its masks are kept in `--out` and taken from there when run again.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from accuracy import DATA, MODELS, REFERENCE
from compare_mediapipe import FRAME_INTERVAL_S, reference_python, run_reference, weights
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Column, Table

import blazepose as bp

CLIPS = ("squat_front", "walk_across", "pose_squats", "taiji")
console = Console()


def main() -> None:
    args = parse_arguments()
    python = args.python or reference_python()
    table = Table(Column("clip", no_wrap=True), box=SIMPLE)
    for name in ("model", "smooth", "frames", "lone", "mean IoU", "worst IoU", "in frame"):
        table.add_column(name)
    for name in args.clips:
        clip = args.data / "videos" / f"{name}.mp4"
        for smooth in (True, False):
            theirs = reference_masks(clip, args.model, smooth, args.out, python)
            row = compared(our_masks(clip, args.model, smooth=smooth), theirs)
            table.add_row(name, args.model, "on" if smooth else "off", *row)
    console.print(table)


def reference_masks(
    clip: Path, model: str, smooth: bool, folder: Path, python: Path
) -> Iterator[np.ndarray | None]:
    """MediaPipe's pixels of the person in each frame, (H * W,) bool; None where nobody is found."""
    out = folder / f"{clip.stem}.{model}.{'smooth' if smooth else 'raw'}.masks.npz"
    if not out.exists():
        switch = () if smooth else ("--no-smooth",)
        run_reference(python, out, "masks", clip, *weights(model), *switch)
    with np.load(out) as kept:
        for found, bits in zip(kept["found"], kept["masks"], strict=True):
            yield np.unpackbits(bits).astype(bool) if found else None


def our_masks(clip: Path, model: str, *, smooth: bool) -> Iterator[np.ndarray | None]:
    """Ours in the same form."""
    tracker = bp.Tracker(model, smooth=smooth, mask=True)
    for frame in bp.frames(clip):
        poses = tracker(replace(frame, time_s=frame.index * FRAME_INTERVAL_S))
        yield (poses[0].mask >= 0.5).ravel() if poses and poses[0].mask is not None else None


def compared(
    ours: Iterable[np.ndarray | None], theirs: Iterable[np.ndarray | None]
) -> tuple[str, ...]:
    """Frames, lone ones, mean and worst IoU, and the frame of the worst."""
    overlaps: dict[int, float] = {}
    number = lone = 0
    for number, (our, their) in enumerate(zip(ours, theirs, strict=True)):
        if our is not None and their is not None:
            their = their[: our.size]  # bits come in eights
            overlaps[number] = float((our & their).sum() / max((our | their).sum(), 1))
        lone += (our is None) != (their is None)
    if not overlaps:
        return str(number + 1), str(lone), "-", "-", "-"
    worst = min(overlaps, key=lambda frame: overlaps[frame])
    mean = float(np.mean(list(overlaps.values())))
    return str(number + 1), str(lone), f"{mean:.3f}", f"{overlaps[worst]:.3f}", str(worst)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="holds videos/")
    parser.add_argument("--clips", nargs="+", default=CLIPS, help="names under videos/")
    parser.add_argument("--model", choices=MODELS, default="full")
    parser.add_argument("--out", type=Path, default=REFERENCE)
    parser.add_argument("--python", type=Path, help="of an environment with mediapipe and av")
    return parser.parse_args()


if __name__ == "__main__":
    main()
