"""How surely a tracker finds its person again, beside MediaPipe 0.10.21, on the same pixels.

    python scripts/robustness.py VIDEOS [--model full] [--out out/robustness]

Hard clips are made once in `--out` (`hard_clips.py` tells what they are) and shown to both. A
picture is right when the twelve limb joints are, in the median, less than 0.3 of the trunk
(mid-shoulder to mid-hip) from those of somebody who is there; a pose where nobody is, is a ghost.
Recovery is counted in pictures from a cut, return or turn to the first right one. Prints a table in
Markdown, and keeps it as JSON; MediaPipe's poses are kept too.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from compare_mediapipe import reference_clip, reference_python
from hard_clips import CLIPS, COUNT, SECOND, Scene, load, scenes
from rich.progress import track

import blazepose as bp
from blazepose.skeleton import BLAZEPOSE33, LIMB_JOINTS
from blazepose.video import VideoWriter

OUT = Path(__file__).resolve().parent.parent / "out" / "robustness"
NEAR = 0.3  # of the trunk
LIMBS = [BLAZEPOSE33.names.index(name) for name in LIMB_JOINTS]
SHOULDERS, HIPS = LIMBS[:2], LIMBS[6:8]


@dataclass
class Tally:
    """Counts over the pictures of one kind of scene."""

    judged: int = 0
    right: int = 0
    wrong: int = 0
    empty: int = 0
    ghosts: int = 0
    recovery: list[float] = field(default_factory=list)  # pictures; infinite: not before the end

    def add(self, truth: dict[str, Any], poses: list[np.ndarray | None]) -> None:
        """Count a clip: one pose, (33, 2) px, or None for each of its pictures."""
        verdicts = [_verdict(*both) for both in zip(truth["pictures"], poses, strict=True)]
        self.judged += sum(v in ("right", "wrong", "missed") for v in verdicts)
        self.right += verdicts.count("right")
        self.wrong += verdicts.count("wrong")
        self.empty += sum(v in ("ghost", "empty") for v in verdicts)
        self.ghosts += verdicts.count("ghost")
        for begin, end in pairwise([*truth["events"], len(verdicts)]):
            after = verdicts[begin:end]
            self.recovery.append(after.index("right") if "right" in after else math.inf)


def main() -> None:
    """Make the clips, follow them, judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, help="folder with the clips")
    parser.add_argument("--model", default="full", choices=("lite", "full", "heavy"))
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    made = sorted(args.out.glob("*.mp4")) or make(args.videos, args.out)
    python = reference_python()
    tallies: dict[str, dict[str, Tally]] = defaultdict(lambda: defaultdict(Tally))
    for clip in track(made, "Following"):
        truth = json.loads(clip.with_suffix(".json").read_text())
        ours = follow(clip, args.model)
        theirs = reference_clip(clip, args.model, True, args.out / "mediapipe", python)["frames"]
        theirs = [pose and np.array(pose["points"])[:, :2] for pose in theirs]
        for system, poses in (("blazepose", ours), ("MediaPipe", theirs)):
            for kind in (truth["kind"], "all"):
                tallies[kind][system].add(truth, poses)
    result = {kind: {s: asdict(t) for s, t in both.items()} for kind, both in tallies.items()}
    (args.out / f"robustness.{args.model}.json").write_text(json.dumps(result, indent=1))
    print("\n".join(table(tallies)))


def make(videos: Path, folder: Path) -> list[Path]:
    """Write every scene as a clip with its truth beside it; the clips."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = {name: load(videos / f"{name}.mp4") for name in track(CLIPS, "The truth")}
    return [write(scene, folder) for scene in track(scenes(clips), "Making clips", total=COUNT)]


def write(scene: Scene, folder: Path) -> Path:
    """A scene as an .mp4 and a .json."""
    path = folder / f"{scene.kind.replace(' ', '_')}-{scene.name}.mp4"
    truth = [{"judged": p.judged, "people": [_limbs(q) for q in p.people]} for p in scene.pictures]
    described = {"kind": scene.kind, "events": list(scene.events), "pictures": truth}
    path.with_suffix(".json").write_text(json.dumps(described))
    height, width = scene.pictures[0].image.shape[:2]
    with VideoWriter(path, width=width, height=height, fps=SECOND) as video:
        for number, picture in enumerate(scene.pictures):
            video.write(picture.image, number / SECOND)
    return path


def follow(clip: Path, model: str) -> list[np.ndarray | None]:
    """Our pose in every picture."""
    tracker = bp.Tracker(model)
    found = (tracker(frame) for frame in bp.frames(clip))
    return [poses[0].points[:, :2] if poses else None for poses in found]


def table(tallies: dict[str, dict[str, Tally]]) -> Iterable[str]:
    """Markdown; in each cell blazepose, then MediaPipe."""
    yield "| | pictures | right, % | wrong, % | ghosts, % | recovered after, median | worst |"
    yield "|---|---|---|---|---|---|---|"
    for kind in [kind for kind in tallies if kind != "all"] + ["all"]:
        ours, theirs = tallies[kind]["blazepose"], tallies[kind]["MediaPipe"]
        pairs = [(_share(t.right, t.judged), _share(t.wrong, t.judged)) for t in (ours, theirs)]
        cells = [" / ".join(pair) for pair in zip(*pairs, strict=True)]
        cells += [" / ".join(_share(t.ghosts, t.empty) for t in (ours, theirs))]
        for middle in (statistics.median, max):
            cells += [" / ".join(_pictures(middle, t.recovery) for t in (ours, theirs))]
        yield f"| {kind} | {ours.judged + ours.empty} | {' | '.join(cells)} |"


def _verdict(truth: dict[str, Any], pose: np.ndarray | None) -> str:
    if not truth["judged"]:
        return "not judged"
    if not truth["people"]:
        return "empty" if pose is None else "ghost"
    if pose is None:
        return "missed"
    return "right" if any(_is_at(pose, np.array(p)) for p in truth["people"]) else "wrong"


def _is_at(pose: np.ndarray, limbs: np.ndarray) -> bool:
    """Whether a pose is that of somebody whose limb joints these are."""
    trunk = np.linalg.norm(limbs[:2].mean(axis=0) - limbs[6:8].mean(axis=0))
    return bool(np.median(np.linalg.norm(pose[LIMBS] - limbs, axis=1)) < NEAR * trunk)


def _limbs(points: np.ndarray) -> list[list[float]]:
    limbs: list[list[float]] = points[LIMBS].round(2).tolist()
    return limbs


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}" if total else "-"


def _pictures(middle: Any, values: list[float]) -> str:
    if not values:
        return "-"
    value = middle(values)
    return "never" if math.isinf(value) else f"{value:g}"


if __name__ == "__main__":
    main()
