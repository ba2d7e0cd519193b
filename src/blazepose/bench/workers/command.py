"""Worker: any system behind a command that reads a clip or images and writes poses.jsonl.

python command.py 'COMMAND {source} {out}'

`{source}` stands for a video file or a folder of images, `{out}` for the .jsonl file to write: a
line per frame, or per image in the order of their names. The start of the command counts in each
of its times, and frames in memory it cannot take.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from serve import answer_requests  # type: ignore[import-not-found]  # beside this script

from blazepose import frames, read_poses
from blazepose.video import write_image


class Command:
    """Runs the command anew for each request."""

    def __init__(self, template: str) -> None:
        self._template = template

    def first(self, clip: str) -> dict[str, Any]:
        """A folder with the first frame of a clip."""
        with TemporaryDirectory() as folder, frames(clip) as source:
            photos = Path(folder) / "photos"
            photos.mkdir()
            write_image(photos / "000000.png", next(iter(source)).image)
            self._run(photos, Path(folder) / "out.jsonl")
        return {"version": ""}

    def file(self, clip: str) -> dict[str, Any]:
        """A whole clip."""
        with TemporaryDirectory() as folder:
            out = Path(folder) / "out.jsonl"
            seconds = self._run(Path(clip), out)
            people = [len(frame.people) for frame in read_poses(out)[1]]
        return {"seconds": seconds, "frames": len(people), "found": sum(map(bool, people))}

    def memory(self) -> dict[str, Any]:
        """The largest of its processes; not known on Windows."""
        if sys.platform == "win32":
            return {"peak_bytes": None}
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return {"peak_bytes": unit * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss}

    def track(self, frames: str) -> dict[str, Any]:
        """Frames in memory it cannot take."""
        return {"ns": [], "found": 0}

    def images(self, images: list[str], out: str) -> dict[str, Any]:
        """A folder of images; each counts an equal share of the time."""
        with TemporaryDirectory() as folder:
            for index, image in enumerate(images):
                shutil.copyfile(image, Path(folder) / f"{index:06d}{Path(image).suffix}")
            seconds = self._run(Path(folder), Path(out))
        return {"ns": [round(1e9 * seconds / len(images))] * len(images), "problems": []}

    def _run(self, source: Path, out: Path) -> float:
        """Seconds that the command took."""
        words = [
            word.replace("{source}", str(source)).replace("{out}", str(out))
            for word in shlex.split(self._template, posix=os.name != "nt")
        ]
        start = time.perf_counter()
        subprocess.run(words, check=True)
        return time.perf_counter() - start


if __name__ == "__main__":
    command = Command(sys.argv[1])
    answer_requests(
        first=command.first,
        file=command.file,
        memory=command.memory,
        track=command.track,
        images=command.images,
    )
