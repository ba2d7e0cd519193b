"""Environments of other systems, made on demand in the cache folder, and what they weigh."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution
from pathlib import Path

from filelock import FileLock

from blazepose.aside import made_folder
from blazepose.errors import DownloadError
from blazepose.weights import store

Versions = tuple[tuple[int, int], tuple[int, int]]
"""The oldest and the newest Python, as (major, minor)."""

_FINISHED = "finished"  # a file that says so
# A requirement: name, extras in brackets, and the extra that a marker asks for.
_NAME = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
_ASKED_BY = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def environment(name: str, packages: Sequence[str], *, python: Versions | None = None) -> Path:
    """The Python of an environment with these packages; it is made where it is missing.

    Args:
        name: of its folder in the cache.
        packages: requirements for pip, with versions.
        python: which versions of Python will do.

    Raises:
        DownloadError: no such Python, no venv, or pip cannot install the packages.
        OutputError: the cache folder cannot be written.
    """
    folder = made_folder(environments_dir()) / name
    interpreter = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    with FileLock(folder.with_name(f"{name}.lock")):
        if not exists(name):
            shutil.rmtree(folder, ignore_errors=True)
            _run([_base(name, python), "-m", "venv", str(folder)], name)
            install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _run([str(interpreter), *install, *packages], name)
            (folder / _FINISHED).touch()
    return interpreter


def environments_dir() -> Path:
    """The folder that keeps the environments and the models of other systems."""
    return store.cache_dir() / "bench"


def exists(name: str) -> bool:
    """Whether an environment is there already."""
    return (environments_dir() / name / _FINISHED).exists()


def site_packages(interpreter: Path) -> Path:
    """Where the packages of an environment lie."""
    folder = interpreter.parents[1]
    return next(folder.glob("lib/python3*/site-packages"), folder / "Lib" / "site-packages")


def installed_bytes(brought_by: Sequence[str], *, site: Path | None = None) -> int:
    """The size of packages and of all that they need.

    Args:
        brought_by: requirements, e.g. "blazepose[litert]".
        site: the folder where they are installed; None for this Python's own.

    Returns:
        Bytes of all files that were installed; a package that is not there counts nothing, as a
        marker may have left it out.
    """
    places = sys.path if site is None else [str(site)]
    pending, sizes = [_parts(text) for text in brought_by], {}
    seen = set()
    while pending:
        wanted = pending.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        name, extras = wanted
        found = next(iter(Distribution.discover(name=name, path=places)), None)
        if found is None:
            continue
        sizes[name] = _size(found, name)
        pending += [_parts(text) for text in found.requires or () if _is_asked(text, extras)]
    return sum(sizes.values())


def _parts(requirement: str) -> tuple[str, frozenset[str]]:
    """The name of a package as the index writes it, and the extras asked for."""
    match = _NAME.match(requirement)
    if match is None:
        raise ValueError(f"expected a requirement like name[extra], got {requirement!r}")
    extras = frozenset(word.strip() for word in (match[2] or "").split(",") if word.strip())
    return re.sub(r"[-_.]+", "-", match[1]).lower(), extras


def _is_asked(requirement: str, extras: Iterable[str]) -> bool:
    asked_by = _ASKED_BY.findall(requirement)
    return not asked_by or bool(set(asked_by) & set(extras))


def _size(distribution: Distribution, name: str) -> int:
    """Bytes on disk; of an editable package its own folder, which pip does not list."""
    files = [Path(str(file.locate())) for file in distribution.files or ()]
    if name == "blazepose":
        own = importlib.util.find_spec(name)
        files = list(Path(str(own.origin)).parent.rglob("*")) if own else files
    return sum(file.stat().st_size for file in files if file.is_file())


def _base(name: str, versions: Versions | None) -> str:
    """A Python that will do: this one, else one on the path."""
    if versions is None or versions[0] <= sys.version_info[:2] <= versions[1]:
        return sys.executable
    (major, oldest), (_, newest) = versions
    for minor in range(newest, oldest - 1, -1):
        if found := shutil.which(f"python{major}.{minor}"):
            return found
    raise DownloadError(
        f"{name} needs Python {major}.{oldest} to {major}.{newest}, and there is none on the path"
    )


def _run(command: Sequence[str], name: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise DownloadError(f"cannot install {name}: {words[-1] if words else 'no reason given'}")
