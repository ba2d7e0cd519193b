"""How much tracked points tremble at rest, and how far they lag in motion, beside MediaPipe.

    python scripts/steadiness.py                      # ours, 0.10.21 and the task API, Full
    python scripts/steadiness.py --systems blazepose --clips taiji

Two tables. *Photos that move*: exercise photos as clips with camera noise and a shaking hand, at
rest for 3 s, then moved slowly, by jerks and in circles, so that each point's way is known. *Real
clips*: measured against Heavy, unsmoothed and then smoothed without delay.

- tremble: length of the second difference of the twelve limb joints at rest, as they would have it
  if the circle round the person measured 1000 px; median, and what 95 of 100 stay below
- lag: the delay in ms that explains the error along the motion best; joints seen elsewhere are left
  out
- error: median distance from the way in motion, in the same px

Each system follows the clips in a process of its own, as in `blazepose bench`; what it said is kept
in --out and taken from there the next time.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.ndimage import gaussian_filter1d
from scipy.signal import savgol_filter

import blazepose as bp
from blazepose.bench.prepare import prepare
from blazepose.bench.process import WorkerProcess
from blazepose.bench.systems import parse_systems
from blazepose.posefile import read_poses
from blazepose.skeleton import BLAZEPOSE33, LIMB_JOINTS
from blazepose.video import VideoWriter, read_image

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
CLIPS = ("squat_front", "taiji", "walk_across", "pose_1")  # of 24 frames a second and more
SYSTEMS = "blazepose:full,mediapipe-0.10.21:full,mediapipe:full"
LIMBS = [BLAZEPOSE33.names.index(name) for name in LIMB_JOINTS]
FPS, REST, PART = 30, 90, 75  # frames at rest, then of each kind of motion
SETTLED = 15  # frames after which the filters no longer start
CIRCLE = 1000.0  # px; the person's, for both tables
AT_REST, IN_MOTION = 0.03, 0.3  # speeds in circles per s, in real clips
ELSEWHERE = 60.0  # px of the circle's; farther off it is no lag
CONSOLE = Console()


@dataclass(frozen=True)
class Way:
    """Where limb joints really are, in circles of CIRCLE px.

    Attributes:
        places: (T, 12, 2); NaN where unknown.
        fps: frames per second.
        rest, motion: (T, 12); which of them count as what.
    """

    places: np.ndarray
    fps: float
    rest: np.ndarray
    motion: np.ndarray


def main() -> None:
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    photos = photo_clips(args.data / "exercise-photos", args.out, args.photos)
    clips = [args.data / "videos" / f"{name}.mp4" for name in args.clips]
    rows = []
    for system in parse_systems(args.systems):
        said = follow(system.title, [*photos, *clips], args.out)
        for kind, some in (("photos that move", photos), ("real clips", clips)):
            rows.append({"clips": kind, "system": system.title, **judged(kind, some, said, args)})
    (args.out / "steadiness.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    table = Table("clips", "system", "tremble", "95 of 100", "lag, ms", "error")
    for row in sorted(rows, key=lambda row: row["clips"]):
        table.add_row(*(f"{v:.2f}" if isinstance(v, float) else str(v) for v in row.values()))
    CONSOLE.print(table)


def photo_clips(folder: Path, out: Path, count: int) -> list[Path]:
    """Moving photos, made where they are missing; evenly chosen."""
    photos = sorted(folder.rglob("*.jpg"))
    chosen = photos[:: max(len(photos) // count, 1)][:count]
    return [moving(photo, out / f"photo-{photo.parent.name}-{photo.stem}.mp4") for photo in chosen]


def moving(photo: Path, goal: Path) -> Path:
    """A photo moved along `shifts`, with noise, as a clip of high quality."""
    if goal.is_file():
        return goal
    image, rng = read_image(photo), np.random.default_rng(0)
    height, width = (side - side % 2 for side in image.shape[:2])
    with VideoWriter(goal, width=width, height=height, fps=FPS) as video:
        for index, (x, y) in enumerate(shifts(height)):
            moved = cv2.warpAffine(
                image,
                np.array([[1, 0, x], [0, 1, y]], np.float32),
                (width, height),
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REPLICATE,
            )
            noisy = moved + rng.normal(0, 4, moved.shape)
            video.write(np.clip(noisy, 0, 255).astype(np.uint8), index / FPS)
    return goal


def shifts(height: int) -> np.ndarray:
    """(T, 2) px; a hand's shaking, and on top of it the motions after the rest."""
    shake = gaussian_filter1d(
        np.cumsum(np.random.default_rng(1).normal(0, 0.15, (REST + 3 * PART, 2)), 0), 3, axis=0
    )
    size, t = 0.15 * height, np.arange(PART) / FPS
    slow = np.outer(1 - np.cos(2 * np.pi * t / 2.5), (0, 0.5 * size))
    jerk = sum(sign * min_jerk((t - at) / 0.35) for at, sign in ((0.3, 1), (1.1, -1), (1.8, 1)))
    turn = 2 * np.pi * t / 0.8
    circle = np.stack([np.sin(turn), np.cos(turn) - 1], axis=1) * 0.5 * size
    return shake + np.concatenate([np.zeros((REST, 2)), slow, np.outer(jerk, (size, 0)), circle])


def min_jerk(share: np.ndarray) -> np.ndarray:
    """0 to 1 as hands move: without a jolt."""
    share = np.clip(share, 0, 1)
    return share**3 * (10 - 15 * share + 6 * share**2)


def follow(title: str, clips: Sequence[Path], out: Path) -> dict[Path, np.ndarray]:
    """Where a system sees the limb joints: (T, 12, 2) px, NaN where it sees nobody."""
    files = {clip: out / f"{clip.stem}.{title.replace(':', '-')}.jsonl" for clip in clips}
    missing = [clip for clip, file in files.items() if not file.is_file()]
    if missing:
        (system,) = parse_systems(title)
        ready = prepare(system, tell=CONSOLE.print, report=lambda *_: None)
        with WorkerProcess(ready.command, log=out / "worker.log") as worker:
            for clip in missing:
                CONSOLE.print(f"{title}: {clip.name} ...", highlight=False)
                part = files[clip].with_suffix(".part")
                worker.ask("poses", clip=str(clip), out=str(part))
                part.replace(files[clip])
    return {clip: limbs(file) for clip, file in files.items()}


def limbs(file: Path) -> np.ndarray:
    _, frames = read_poses(file)
    nobody = np.full((len(LIMBS), 2), np.nan)
    people = (next(iter(frame.people), None) for frame in frames)
    return np.array([nobody if p is None else p.points[LIMBS, :2] for p in people])


def judged(
    kind: str, clips: Sequence[Path], said: dict[Path, np.ndarray], args: argparse.Namespace
) -> dict[str, Any]:
    """The figures of one system over all clips of a kind."""
    truth = known_way if kind.startswith("photos") else partial(heavys_way, out=args.out)
    pairs = []
    for clip in clips:
        circle = circle_px(clip, args.out)
        seen = said[clip] / circle * CIRCLE
        pairs.append((seen, truth(clip, seen, circle)))
    return figures(pairs)


def figures(pairs: Sequence[tuple[np.ndarray, Way]]) -> dict[str, float]:
    """Tremble, lag and error over all clips together."""
    tremble, along, squares, off = [], [], [], []
    for seen, way in pairs:
        bend = np.diff(seen, 2, axis=0)
        rest = way.rest[2:] & way.rest[1:-1] & way.rest[:-2] & np.isfinite(bend[..., 0])
        tremble.append(np.linalg.norm(bend[rest], axis=1))
        error, speed = seen - way.places, np.gradient(way.places, 1 / way.fps, axis=0)
        motion = way.motion & np.isfinite(error + speed).all(2)
        off.append(np.linalg.norm(error[motion], axis=1))
        motion &= np.linalg.norm(error, axis=2) < ELSEWHERE
        along.append((error[motion] * speed[motion]).sum(1))
        squares.append((speed[motion] ** 2).sum(1))
    lag_ms = -1000 * np.concatenate(along).sum() / np.concatenate(squares).sum()
    return {
        "tremble": float(np.median(np.concatenate(tremble))),
        "tremble_p95": float(np.quantile(np.concatenate(tremble), 0.95)),
        "lag_ms": float(lag_ms),
        "error": float(np.median(np.concatenate(off))),
    }


def known_way(clip: Path, seen: np.ndarray, circle: float) -> Way:
    """A moving photo's: from where the system sees the joints at rest, along the shifts."""
    height = next(iter(bp.frames(clip))).image.shape[0]
    moved = shifts(height)[:, None] / circle * CIRCLE
    start = np.nanmedian((seen - moved)[SETTLED:REST], axis=0)
    index = np.arange(len(seen))[:, None] * np.ones(len(LIMBS), int)
    return Way(start + moved, FPS, (index >= SETTLED) & (index < REST), index >= REST)


def heavys_way(clip: Path, seen: np.ndarray, circle: float, *, out: Path) -> Way:
    """A real clip's, as Heavy sees it, smoothed over 9 frames, 4 of them ahead."""
    with bp.frames(clip) as source:
        fps = source.info.fps or FPS
    found = heavy(clip, out)[0] / circle * CIRCLE
    is_seen = np.isfinite(found).all(axis=(1, 2))  # who walks out of the frame is not, at the end
    rows = np.arange(len(found))
    nearest = rows[is_seen][np.abs(rows[:, None] - rows[is_seen]).argmin(axis=1)]
    places = savgol_filter(found[nearest], 9, 2, axis=0)
    speed = np.linalg.norm(np.gradient(places, 1 / fps, axis=0), axis=2) / CIRCLE
    settled = ((rows >= SETTLED) & is_seen)[:, None]
    return Way(places, fps, (speed < AT_REST) & settled, (speed > IN_MOTION) & settled)


def heavy(clip: Path, out: Path) -> tuple[np.ndarray, float]:
    """Limb joints (T, 12, 2) px as Heavy sees them, unsmoothed, and the circle's diameter."""
    goal = out / f"{clip.stem}.heavy.npz"
    if not goal.is_file():
        rows = list(_heavy_rows(clip))
        part = goal.with_name("part.npz")
        np.savez(part, places=[row[0] for row in rows], circle=np.nanmedian([r[1] for r in rows]))
        part.replace(goal)
    with np.load(goal) as kept:
        return kept["places"], float(kept["circle"])


def _heavy_rows(clip: Path) -> Iterator[tuple[np.ndarray, float]]:
    tracker = bp.Tracker("heavy", smooth=False, precision="float32")
    for frame in bp.frames(clip):
        pose = next(iter(tracker(frame)), None)
        if pose is None:
            yield np.full((len(LIMBS), 2), np.nan), np.nan
        else:
            yield pose.points[LIMBS, :2], pose.roi.size / 1.25


def circle_px(clip: Path, out: Path) -> float:
    return heavy(clip, out)[1]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DATA, help="holds videos/, exercise-photos/")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "steadiness")
    parser.add_argument("--systems", default=SYSTEMS, help="as for `blazepose bench`")
    parser.add_argument("--clips", nargs="+", default=CLIPS, help="names under videos/")
    parser.add_argument("--photos", type=int, default=12)
    return parser.parse_args()


if __name__ == "__main__":
    main()
