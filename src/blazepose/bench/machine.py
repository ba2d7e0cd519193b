"""What a run was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from blazepose import __version__

_BUSY = 0.5  # load per core above which others are at work


@dataclass(frozen=True)
class Machine:
    """A machine before a run.

    Attributes:
        processor: as the maker calls it.
        cores: physical ones; None where that is not known.
        threads: logical processors that this process may use.
        memory_gb: 1e9 bytes; None where that is not known.
        os: name and version.
        python: version.
        packages: versions of blazepose and of what it runs on.
        load: processes that wanted a processor in the last minute; None on Windows.
    """

    processor: str
    cores: int | None
    threads: int
    memory_gb: float | None
    os: str
    python: str
    packages: dict[str, str]
    load: float | None

    @property
    def busy(self) -> bool:
        """Whether others were at work, so that times are not to be trusted."""
        return self.load is not None and self.load > _BUSY * self.threads

    @property
    def title(self) -> str:
        """It in a line."""
        cores = f"{self.cores} cores, " if self.cores else ""
        memory = f", {self.memory_gb:.0f} GB" if self.memory_gb else ""
        return f"{self.processor}, {cores}{self.threads} threads{memory}, {self.os}"


def this_machine() -> Machine:
    """Where this process runs."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8", errors="replace") if cpuinfo.is_file() else ""
    packages = {name: version(name) for name in ("numpy", "openvino", "opencv-python-headless")}
    return Machine(
        processor=_processor(text),
        cores=_cores(text),
        threads=_threads(),
        memory_gb=_memory_gb(),
        os=platform.platform(terse=True),
        python=platform.python_version(),
        packages={"blazepose": __version__, **packages},
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )


def _processor(cpuinfo: str) -> str:
    for row in cpuinfo.splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    if sys.platform == "darwin":
        command = ["sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()


def _cores(cpuinfo: str) -> int | None:
    """Cores by the pairs of socket and core that /proc/cpuinfo names."""
    rows = [row.partition(":") for row in cpuinfo.splitlines()]
    sockets = [value.strip() for key, _, value in rows if key.strip() == "physical id"]
    cores = [value.strip() for key, _, value in rows if key.strip() == "core id"]
    return len(set(zip(sockets, cores, strict=False))) or None


def _threads() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory_gb() -> float | None:
    if sys.platform == "win32":
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
