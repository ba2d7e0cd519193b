"""Rounds: each system in turn, A B A B, each time in a fresh process.

A turn measures, in this order: start to first pose; clips from file to poses; the most memory until
then; the same clips with frames in memory; still images. Images are dealt out over the rounds, so
that all of them are judged and none twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import numpy as np

from blazepose.bench.prepare import Ready
from blazepose.bench.process import WorkerError, WorkerProcess
from blazepose.bench.systems import System
from blazepose.errors import SourceError
from blazepose.pose import Pose
from blazepose.posefile import read_poses
from blazepose.shapes import Float64
from blazepose.video import frames

_PAUSE_S = 1.0  # between turns: what one leaves behind does not burden the next
_MAX_BYTES = 512_000_000  # of a clip's frames in memory
_MS = 1e-6  # per nanosecond

# Told before each turn the turns done and in all and the system's name; True ends it there.
Watcher: TypeAlias = Callable[[int, int, str], bool]


@dataclass(frozen=True)
class Plan:
    """What is measured.

    Attributes:
        clips: video files.
        images: stills to look at; none to leave them out.
        rounds: how often each system has its turn.
    """

    clips: tuple[Path, ...]
    images: tuple[Path, ...] = ()
    rounds: int = 3


@dataclass(frozen=True, eq=False)
class ClipTurn:
    """What a system did with a clip in a turn.

    Attributes:
        frame_ms: of each frame, frames in memory; none for a system that cannot take them.
        file_fps: frames per second from file to poses.
        found: share of the file's frames with somebody, 0..1.
    """

    frame_ms: Float64[np.ndarray, " N"]
    file_fps: float
    found: float

    @property
    def fps(self) -> float:
        """Frames per second, frames in memory; NaN where that was not measured."""
        return 1e3 / float(self.frame_ms.mean()) if len(self.frame_ms) else float("nan")


@dataclass(frozen=True, eq=False)
class Turn:
    """What a system did in one turn.

    Attributes:
        version: of what ran.
        first_pose_s: from the start of the process.
        peak_bytes: the most memory; None where the platform does not tell.
        clips: as in the plan.
        image_ms: of each still.
    """

    version: str
    first_pose_s: float
    peak_bytes: int | None
    clips: tuple[ClipTurn, ...]
    image_ms: Float64[np.ndarray, " N"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a system; it grows turn by turn.

    Attributes:
        ready: the system.
        turns: by number of the round; one is missing where something went wrong.
        poses: who was found in each still.
        problems: a line each.
    """

    ready: Ready
    turns: dict[int, Turn] = field(default_factory=dict)
    poses: dict[Path, list[Pose]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def system(self) -> System:
        """Which system it is."""
        return self.ready.system


def measure(
    systems: Sequence[Ready], plan: Plan, *, watch: Watcher = lambda done, total, name: False
) -> list[Outcome]:
    """Go through the rounds; a system whose worker fails is left out of those to come.

    Args:
        systems: in the order of their turns.
        plan: what is measured.
        watch: see `Watcher`.

    Raises:
        SourceError: a clip cannot be read.
    """
    outcomes = [Outcome(ready) for ready in systems]
    total = plan.rounds * len(systems)
    with TemporaryDirectory(prefix="blazepose-bench-") as place:
        folder = Path(place)
        clips = [_held(clip, folder / f"clip{i}.npy") for i, clip in enumerate(plan.clips)]
        for number, (round_, outcome) in enumerate(_turns(plan.rounds, outcomes)):
            if watch(number, total, outcome.system.title):
                break
            if round_ and not outcome.turns:  # it failed the first time
                continue
            images = plan.images[round_ :: plan.rounds]
            try:
                outcome.turns[round_] = _turn(outcome, clips, images, folder)
            except (WorkerError, SourceError) as error:
                outcome.problems.append(f"{outcome.system.title}: {error}")
            time.sleep(_PAUSE_S)
    return outcomes


@dataclass(frozen=True)
class _Clip:
    """A clip as a file, and its first frames as an array in a file."""

    file: Path
    array: Path


def _held(clip: Path, array: Path) -> _Clip:
    """Decode as many frames as memory may hold."""
    images: list[np.ndarray] = []
    size = 0
    with frames(clip) as source:
        for frame in source:
            size += frame.image.nbytes
            if images and size > _MAX_BYTES:
                break
            images.append(frame.image)
    if not images:
        raise SourceError(f"{clip}: expected a clip with frames, got none")
    np.save(array, np.stack(images))
    return _Clip(clip.resolve(), array)


def _turns(rounds: int, outcomes: Sequence[Outcome]) -> Iterator[tuple[int, Outcome]]:
    for round_ in range(rounds):
        for outcome in outcomes:
            yield round_, outcome


def _turn(outcome: Outcome, clips: Sequence[_Clip], images: Sequence[Path], folder: Path) -> Turn:
    start = time.perf_counter()
    with WorkerProcess(outcome.ready.command, log=folder / "worker.log") as worker:
        version = worker.ask("first", clip=str(clips[0].file))["version"]
        first_pose_s = time.perf_counter() - start
        files = [worker.ask("file", clip=str(clip.file)) for clip in clips]
        peak_bytes = worker.ask("memory")["peak_bytes"]
        tracks = [worker.ask("track", frames=str(clip.array)) for clip in clips]
        image_ms = _stills(worker, outcome, images, folder / "poses.jsonl")
    pairs = zip(tracks, files, strict=True)
    clip_turns = tuple(_clip_turn(track, file) for track, file in pairs)
    return Turn(version, first_pose_s, peak_bytes, clip_turns, image_ms)


def _clip_turn(track: dict[str, Any], file: dict[str, Any]) -> ClipTurn:
    count = max(file["frames"], 1)
    frame_ms = np.array(track["ns"], np.float64) * _MS
    return ClipTurn(frame_ms, file["frames"] / file["seconds"], file["found"] / count)


def _stills(
    worker: WorkerProcess, outcome: Outcome, images: Sequence[Path], out: Path
) -> Float64[np.ndarray, " N"]:
    """Milliseconds of each still; who was found goes into the outcome."""
    if not images:
        return np.empty(0)
    answer = worker.ask("images", images=[str(path.resolve()) for path in images], out=str(out))
    found = [frame.people for frame in read_poses(out)[1]]
    if len(found) != len(images):
        raise WorkerError(f"expected a line per image, {len(images)} in all, got {len(found)}")
    outcome.poses.update(zip(images, found, strict=True))
    outcome.problems.extend(f"{outcome.system.title}: {text}" for text in answer["problems"])
    return np.array([ns for ns in answer["ns"] if ns is not None], np.float64) * _MS
