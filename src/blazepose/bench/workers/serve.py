"""A worker's side of the bench: what is asked of a system, a line of JSON each.

Shared by the workers beside it. It runs in the environments of the systems, so it imports the
standard library and numpy only. Requests come on stdin, `{"do": NAME, ARGUMENT: VALUE ...}`, and
each has its answer, an object, on stdout. A worker that cannot go on dies; its last words are on
stderr, where everything else goes that a system prints.

| request | answer |
|---|---|
| first: clip | version of the system, once the first frame of the clip is tracked |
| file: clip | seconds, frames and found of a whole clip, decoding included, once it is warm |
| memory | peak_bytes so far; null where the platform does not tell |
| track: frames | ns per frame of an .npy array (N, H, W, 3) that is in memory, and found |
| poses: clip, out | frames and found of a whole clip; the poses are in `out` |
| images: images, out | ns per image, null for a broken one; problems; the poses are in `out` |

`found` counts frames with somebody in them. `out` is a poses.jsonl file with a line per frame
or image.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

WARM_UP_FRAMES = 40  # some systems compile for what they are asked while they answer
_NS = 1e9


class System(Protocol):
    """A system that is ready to see frames; `found` is whatever it says of one.

    Attributes:
        version: what runs.
        model: which of its models.
        skeleton: of its people, by name or as the header of a poses.jsonl spells it out.
    """

    version: str
    model: str
    skeleton: str | dict[str, Any]

    def frames(self, clip: str) -> Iterator[Any]:
        """Decode a clip as its users do: (H, W, 3) uint8 RGB, or what has that as its `image`."""

    def read(self, image: str) -> np.ndarray:
        """Read an image, (H, W, 3) uint8 RGB; OSError for a broken one."""

    def reset(self) -> None:
        """Forget everybody: a new clip begins."""

    def track(self, image: np.ndarray) -> Any:
        """Look at the next frame of a clip; this is timed."""

    def follow(self, frames: Iterable[np.ndarray]) -> Iterator[Any]:
        """Look at the frames of a clip's file; a system without it takes them one by one.

        One with a true `looks_ahead` does so with frames in memory, too.
        """

    def find(self, image: np.ndarray) -> Any:
        """Look at a still image; this is timed."""

    def anybody(self, found: Any) -> bool:
        """Whether somebody was found."""

    def people(self, found: Any, width: int, height: int) -> list[dict[str, Any]]:
        """Who was found in px, as in poses.jsonl; see `person`."""


def serve(system: System) -> None:
    """Answer requests until stdin ends."""
    answers = Answers(system)
    answer_requests(
        first=answers.first,
        file=answers.file,
        poses=answers.poses,
        memory=lambda: {"peak_bytes": peak_bytes()},
        track=answers.track,
        images=answers.images,
    )


def answer_requests(**answers: Callable[..., dict[str, Any]]) -> None:
    """Answer requests by name until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the bench, which ends stdin
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)  # what a system prints shall not be taken for an answer
        for line in sys.stdin:
            request = json.loads(line)
            answer = answers[request.pop("do")](**request)
            replies.write(json.dumps(answer) + "\n")
            replies.flush()


class Answers:
    """What a system says to each request."""

    def __init__(self, system: System) -> None:
        self._system = system

    def first(self, clip: str) -> dict[str, Any]:
        """Track the first frame of a clip."""
        next(self._follow(itertools.islice(self._system.frames(clip), 1)))
        return {"version": self._system.version}

    def file(self, clip: str) -> dict[str, Any]:
        """Decode and track a whole clip, after a warm-up on its first frames."""
        for _ in self._follow(itertools.islice(self._system.frames(clip), WARM_UP_FRAMES)):
            pass
        self._system.reset()
        frames = found = 0
        start = time.perf_counter_ns()
        for seen in self._follow(self._system.frames(clip)):
            found += self._system.anybody(seen)
            frames += 1
        seconds = (time.perf_counter_ns() - start) / _NS
        return {"seconds": seconds, "frames": frames, "found": found}

    def poses(self, clip: str, out: str) -> dict[str, Any]:
        """Track a clip and write down who is where."""
        self._system.reset()
        frames = found = 0
        with Path(out).open("w", encoding="utf-8") as lines:
            lines.write(header(self._system.model, self._system.skeleton, clip))
            for image in self._system.frames(clip):
                seen = self._system.track(image)
                found += self._system.anybody(seen)
                height, width, _ = getattr(image, "image", image).shape
                size_wh = width, height
                lines.write(line(frames, size_wh, self._system.people(seen, *size_wh)))
                frames += 1
        return {"frames": frames, "found": found}

    def track(self, frames: str) -> dict[str, Any]:
        """Track frames that are in memory, after a warm-up on the first of them."""
        images = np.load(frames)
        ahead = getattr(self._system, "looks_ahead", False)
        seen_in = self._follow if ahead else partial(map, self._system.track)
        for _ in seen_in(images[:WARM_UP_FRAMES]):
            pass
        self._system.reset()
        times, found = [], 0
        results = seen_in(images)
        start = time.perf_counter_ns()
        for seen in results:
            times.append(time.perf_counter_ns() - start)
            found += self._system.anybody(seen)
            start = time.perf_counter_ns()
        return {"ns": times, "found": found}

    def _follow(self, frames: Iterable[np.ndarray]) -> Iterator[Any]:
        """What a system says of each frame of a clip."""
        follow = getattr(self._system, "follow", None)
        return follow(frames) if follow else map(self._system.track, frames)

    def images(self, images: list[str], out: str) -> dict[str, Any]:
        """Look at still images, the first one twice to warm up; write down who is there."""
        times: list[int | None] = []
        problems: list[str] = []
        with Path(out).open("w", encoding="utf-8") as lines:
            lines.write(header(self._system.model, self._system.skeleton))
            for index, path in enumerate(images):
                image = self._read(path, problems)
                took: int | None = None
                people: list[dict[str, Any]] = []
                size_wh = (1, 1)
                if image is not None:
                    took, people = self._look(image, warm_up=not any(times))
                    size_wh = (image.shape[1], image.shape[0])
                times.append(took)
                lines.write(line(index, size_wh, people))
        return {"ns": times, "problems": problems}

    def _read(self, path: str, problems: list[str]) -> np.ndarray | None:
        """An image, or another problem."""
        try:
            return self._system.read(path)
        except OSError as error:
            problems.append(str(error))
            return None

    def _look(self, image: np.ndarray, *, warm_up: bool) -> tuple[int, list[dict[str, Any]]]:
        """Nanoseconds, and who is in a still image."""
        if warm_up:
            self._system.find(image)
        start = time.perf_counter_ns()
        seen = self._system.find(image)
        took = time.perf_counter_ns() - start
        return took, self._system.people(seen, image.shape[1], image.shape[0])


def header(model: str, skeleton: str | dict[str, Any], source: str = "images") -> str:
    """The first line of a poses.jsonl."""
    known = {"blazepose": "bench", "model": model, "source": source, "skeleton": skeleton}
    return json.dumps({**known, "width": None, "height": None, "fps": None}) + "\n"


def line(index: int, size_wh: tuple[int, int], people: list[dict[str, Any]]) -> str:
    """The line of a frame or photo in a poses.jsonl; a clip's times are not known."""
    place = {"frame": index, "time_s": 0.0, "width": size_wh[0], "height": size_wh[1]}
    return json.dumps({**place, "people": people}) + "\n"


def person(
    points: np.ndarray, score: float, *, world: np.ndarray | None = None
) -> list[dict[str, Any]]:
    """One person as poses.jsonl has them, in a list.

    Args:
        points: (K, 2 to 5); x, y in px, then z, visibility and presence as far as they are known.
        score: 0..1.
        world: (K, 3) metres; None where a system knows none.
    """
    rows = np.full((len(points), 5), np.nan)
    rows[:, 3:] = score
    rows[:, : points.shape[1]] = points
    space = np.full((len(points), 3), np.nan) if world is None else np.asarray(world, float)
    return [{"id": 0, "score": float(score), "points": _plain(rows), "world": _plain(space)}]


def peak_bytes() -> int | None:
    """The most memory this process ever had; None on Windows, which has no such mark.

    Linux hands `ru_maxrss` down from the process that started this one, hence its own file there.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        rows = dict(row.split(":", 1) for row in status.read_text().splitlines())
        return 1024 * int(rows["VmHWM"].split()[0])
    if sys.platform == "win32":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _plain(values: np.ndarray) -> list[list[float | None]]:
    """Lists for JSON, which has no NaN."""
    known = np.isfinite(values)
    rows = np.round(values, 4).tolist()
    return [
        [value if ok else None for value, ok in zip(row, oks, strict=True)]
        for row, oks in zip(rows, known.tolist(), strict=True)
    ]
