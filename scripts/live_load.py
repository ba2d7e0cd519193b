"""Visitors of the live page, side by side: what each gets, how late, and the server's memory.

    pip install psutil
    python scripts/live_load.py squats.mp4 --visitors 1 --seconds 60
    python scripts/live_load.py squats.mp4 --visitors 8 --seconds 300

Starts `blazepose live` and plays the clip to it over as many sockets, 30 pictures a second each, as
the page does: the next picture goes out when the last is answered, and those that come meanwhile
are left out. Tells answers per second and latency (median, p95) of each visitor, and the server's
memory a tenth of the way, half way and at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import psutil
from websockets.asyncio.client import connect

import blazepose as bp
from blazepose.web.protocol import HEADER

FPS, SIDE, QUALITY = 30, 640, 80
MOST_FRAMES = 300
MARKS = (0.1, 0.5, 1.0)  # of the time


@dataclass(frozen=True)
class Clip:
    """Frames as the page would send them, and their rate."""

    jpegs: list[bytes]
    fps: float


@dataclass
class Visit:
    """What one visitor got.

    Attributes:
        latency_ms: from sending to the answer.
        count: of the counter, at last.
    """

    latency_ms: list[float] = field(default_factory=list)
    count: int = 0

    async def stay(self, url: str, clip: Clip, seconds: float) -> None:
        """Play the clip again and again."""
        origin = url.split("/?")[0].rstrip("/")
        async with connect(origin.replace("http", "ws") + "/live", origin=origin) as socket:
            await socket.recv()  # the greeting
            began = time.monotonic()
            for sequence in itertools.count():
                now = time.monotonic() - began
                if now > seconds:
                    return
                jpeg = clip.jpegs[int(now * clip.fps) % len(clip.jpegs)]
                await socket.send(HEADER.pack(sequence, now) + jpeg)
                answer = await socket.recv()
                self.latency_ms.append(1e3 * (time.monotonic() - began - now))
                if found := re.search(r'"count":\s*(\d+)', str(answer)):
                    self.count = int(found[1])
                # To the camera's next picture.
                await asyncio.sleep(1 / FPS - (time.monotonic() - began) % (1 / FPS))


async def visits(
    url: str, clip: Clip, server: psutil.Process, *, visitors: int, seconds: float
) -> tuple[list[Visit], list[float]]:
    """Everybody's visit, and the server's memory at `MARKS` in MB."""
    everybody = [Visit() for _ in range(visitors)]
    memory: list[float] = []

    async def watch() -> None:
        for before, mark in zip((0.0, *MARKS), MARKS, strict=False):
            await asyncio.sleep((mark - before) * seconds * 0.99)
            memory.append(server.memory_info().rss / 1e6)

    await asyncio.gather(watch(), *(v.stay(url, clip, seconds) for v in everybody))
    return everybody, memory


def read(path: Path) -> Clip:
    """The beginning of a clip."""
    jpegs, times = [], []
    for frame in islice(bp.frames(path), MOST_FRAMES):
        scale = min(SIDE / max(frame.image.shape[:2]), 1.0)
        small = cv2.resize(frame.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        jpegs.append(cv2.imencode(".jpg", small[..., ::-1], options)[1].tobytes())
        times.append(frame.time_s)
    return Clip(jpegs, (len(times) - 1) / (times[-1] - times[0]))


def main() -> None:
    """Start the server, visit, tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("clip", type=Path)
    parser.add_argument("--visitors", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--model", default="full")
    parser.add_argument("--exercise", default="squat")
    given = parser.parse_args()
    clip = read(given.clip)
    options = ["--no-open", "--port", "0", "--model", given.model, "--exercise", given.exercise]
    command = [str(Path(sys.executable).with_name("blazepose")), "live", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        server = psutil.Process(running.pid)
        found, memory = asyncio.run(
            visits(url, clip, server, visitors=given.visitors, seconds=given.seconds)
        )
        running.terminate()
    for number, visit in enumerate(found, 1):
        median, late = np.percentile(visit.latency_ms, [50, 95])
        rate = len(visit.latency_ms) / given.seconds
        print(
            f"visitor {number}: {rate:.1f} fps, {median:.0f} ms, p95 {late:.0f} ms, {visit.count}"
        )
    print("memory, MB:", ", ".join(f"{value:.0f}" for value in memory))


if __name__ == "__main__":
    main()
