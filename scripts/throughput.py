"""Recorded files to poses with 1, 2, .. all cores: frames per second of ours beside MediaPipe's.

    python scripts/throughput.py VIDEOS/taiji.mp4 --out throughput

A row per number of cores, to which its processes are bound where the platform allows it (Linux):
ours in one go, ours by parts at once with a process for each core, and MediaPipe 0.10.21, each in
turns and warm, decoding included. The clip is played over and over into one of at least a minute
with a key frame every two seconds, as recordings have. Best of the rounds, since a shared machine
only ever makes it slower. Memory is the most of all processes together, at the end.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av

import blazepose as bp
from blazepose.aside import made_folder
from blazepose.bench import Ready, parse_systems, prepare
from blazepose.bench.machine import this_machine
from blazepose.bench.process import WorkerProcess
from blazepose.track.file import FileTracker
from blazepose.track.workers import cores

KEY_FRAMES_S = 2.0
PEER = "mediapipe-0.10.21"


@dataclass(frozen=True)
class Row:
    """Frames per second with so many cores, and megabytes of memory of ours by parts."""

    cores: int
    in_one_go: float
    by_parts: float
    peer: float | None
    memory_mb: float | None


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--model", default="full")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the clip made")
    parser.add_argument("--cores", type=int, nargs="*", help="rows; else 1, 2, 4, .. all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true", help=f"leave out {PEER}")
    parser.add_argument("--out", type=Path, default=Path("out"))
    given = parser.parse_args()
    peer = None if given.no_peer else ready(f"{PEER}:{given.model}")
    counts = given.cores or sorted({*(2**i for i in range(7) if 2**i < cores()), cores()})
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "long.mp4"
        frames = prolonged(given.clip, clip, seconds=given.seconds)
        rows = [measured(n, clip, frames, given.model, peer, given.rounds) for n in counts]
    report(rows, given.clip, frames, given.model, given.out)


def ready(system: str) -> Ready:
    """A system of the bench, installed."""
    (wanted,) = parse_systems(system)
    return prepare(wanted, tell=print, report=lambda *_: None)


def prolonged(source: Path, goal: Path, *, seconds: float) -> int:
    """Play a clip over and over into one of that length; the number of frames."""
    count = 0
    with bp.frames(source) as clip, av.open(str(goal), "w") as file:
        fps = clip.info.fps or 30.0
        video = file.add_stream("libx264", rate=round(fps), options={"preset": "superfast"})
        video.width, video.height, video.pix_fmt = clip.info.width, clip.info.height, "yuv420p"
        video.codec_context.gop_size = round(KEY_FRAMES_S * fps)
        while count < seconds * fps:
            for frame in clip:
                file.mux(video.encode(av.VideoFrame.from_ndarray(frame.image, "rgb24")))
                count += 1
        file.mux(video.encode(None))
    return count


def measured(
    count: int, clip: Path, frames: int, model: str, peer: Ready | None, rounds: int
) -> Row:
    """A row: everything that runs is bound to so many cores."""
    with bound(count), ExitStack() as stack:
        single = bp.Tracker(model, threads=count)
        tracker = partial(bp.Tracker, model, threads=1)
        parts = stack.enter_context(FileTracker(tracker, jobs=count))
        runs: dict[str, Callable[[], Any]] = {
            "in_one_go": lambda: one_pass(single, clip),
            "by_parts": lambda: [None for _ in parts(clip)],
        }
        if peer:
            log = clip.with_name("peer.log")
            other = stack.enter_context(WorkerProcess(peer.command, log=log))
            runs["peer"] = lambda: other.ask("file", clip=str(clip))
        best = dict.fromkeys(runs, float("inf"))
        for run in runs.values():  # to warm up
            run()
        for _ in range(rounds):
            for name, run in runs.items():
                best[name] = min(best[name], seconds_of(run))
        memory_mb = memory_of_children()
    fps = {name: frames / best_s for name, best_s in best.items()}
    print(f"{count} cores: " + ", ".join(f"{name} {value:.0f}" for name, value in fps.items()))
    return Row(count, fps["in_one_go"], fps["by_parts"], fps.get("peer"), memory_mb)


@contextmanager
def bound(count: int) -> Iterator[None]:
    """This process, and those started meanwhile, on the first cores alone."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def one_pass(tracker: bp.Tracker, clip: Path) -> None:
    """A clip in one go, as `blazepose track` does it without --jobs."""
    tracker.reset()
    for frame in bp.frames(clip):
        tracker(frame)


def seconds_of(run: Callable[[], Any]) -> float:
    """Wall time of a run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def memory_of_children() -> float | None:
    """The most that the processes by parts had, summed; None where that is not told."""
    peaks = []
    for child in multiprocessing.active_children():
        status = Path(f"/proc/{child.pid}/status")
        if not status.is_file():
            return None
        rows = dict(row.split(":", 1) for row in status.read_text().splitlines())
        peaks.append(int(rows["VmHWM"].split()[0]) * 1024 / 1e6)
    return sum(peaks)


def report(rows: list[Row], clip: Path, frames: int, model: str, out: Path) -> None:
    """A table and JSON."""
    machine = this_machine()
    head = ("cores", "one go", "by parts", PEER, "times", "scaling", "memory of the parts, MB")
    lines = [f"{machine.title}; {clip.name}, {frames} frames, {model}; frames per second", ""]
    lines += ["| " + " | ".join(head) + " |", "|" + "---:|" * len(head)]
    for row in rows:
        peer = f"{row.peer:.0f} | {row.by_parts / row.peer:.1f}" if row.peer else "- | -"
        memory = "-" if row.memory_mb is None else f"{row.memory_mb:.0f}"
        scaling = row.by_parts / rows[0].by_parts
        lines.append(
            f"| {row.cores} | {row.in_one_go:.0f} | {row.by_parts:.0f} | {peer} | "
            f"{scaling:.2f} | {memory} |"
        )
    folder = made_folder(out)
    (folder / "throughput.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    content = {"machine": asdict(machine), "clip": clip.name, "frames": frames, "model": model}
    content["rows"] = [asdict(row) for row in rows]
    (folder / "throughput.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
