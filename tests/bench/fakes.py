"""Systems made by hand: workers that answer at once, and turns with times that can be counted."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from blazepose.bench.prepare import WORKERS, Ready
from blazepose.bench.rounds import ClipTurn, Outcome, Turn
from blazepose.bench.systems import System
from standing import standing_pose

_WORKER = """
import sys
sys.path.insert(0, {workers!r})
import numpy as np
from serve import person, serve

class Fake:
    version, model, skeleton = "7", "made", "blazepose33"
    tracked = 0
    def frames(self, clip):
        {frames}
    def read(self, image):
        if "broken" in image:
            raise OSError("cannot read " + image)
        return np.zeros((480, 400, 3), np.uint8)
    def reset(self):
        self.tracked = 0
    def track(self, image):
        self.tracked += 1
        return self.tracked
    def find(self, image):
        return 1
    def anybody(self, found):
        return found > 1
    def people(self, found, width, height):
        return person(np.array({points}), 0.9)

serve(Fake())
"""
_FOUR_FRAMES = "return iter(np.zeros((4, 8, 8, 3), np.uint8))"


def worker(folder: Path, *, name: str = "fake", frames: str = _FOUR_FRAMES) -> Ready:
    """A system that sees the standing person everywhere but in the first frame of a clip."""
    points = standing_pose().points[:, :2].tolist()
    script = folder / f"{name}.py"
    script.write_text(_WORKER.format(workers=str(WORKERS), frames=frames, points=points))
    return Ready(System(name=name), (sys.executable, str(script)), 5_000_000)


def dying_worker(folder: Path, *, name: str = "dying") -> Ready:
    """A system that dies with a reason when it is asked for frames."""
    return worker(folder, name=name, frames="raise RuntimeError('no such codec')")


def turn(frame_ms: list[float], *, file_fps: float = 10.0, image_ms: list[float] = ()) -> Turn:
    """A turn with one clip."""
    clip = ClipTurn(np.array(frame_ms, np.float64), file_fps, 0.5)
    return Turn("7", 0.5, 80_000_000, (clip,), np.array(image_ms, np.float64))


def outcome(title: str, *turns: Turn) -> Outcome:
    """What came of a system, a turn per round."""
    kind, _, model = title.partition(":")
    system = System(kind, model) if model else System(name=title)
    return Outcome(Ready(system, (), 5_000_000), dict(enumerate(turns)))
