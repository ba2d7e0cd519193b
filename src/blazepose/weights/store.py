"""Files by name: known by size and checksum, fetched once, then kept in a cache folder.

A file counts only if its checksum is right, whoever put it there (hashing costs about 1 ms per
megabyte); a damaged one is fetched again. Processes that fetch at the same time wait for each
other. Our own networks lie in this package and are never fetched. Knows nothing of what the files
hold.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from blazepose.errors import DownloadError, ModelError, OutputError, did_you_mean
from blazepose.weights.catalog import ENTRIES, Entry, Finds, entry
from blazepose.weights.sources import Report, Source, read_members

CACHE_VARIABLE = "BLAZEPOSE_CACHE"
SHIPPED_DIR = Path(__file__).parents[1] / "models"
"""The folder in this package with our own networks, NAME.tflite, and their cards, NAME.md."""
MODEL_SUFFIXES = (".tflite", ".task", ".onnx", ".xml", ".safetensors")

_log = logging.getLogger(__name__)


def cache_dir() -> Path:
    """The folder that keeps fetched files: $BLAZEPOSE_CACHE, else the platform's own place."""
    if chosen := os.environ.get(CACHE_VARIABLE):
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_cache_path("blazepose", appauthor=False)


def cached(name: str) -> Path | None:
    """The file in the cache, or in this package; None where it is missing or damaged.

    Raises:
        ModelError: the name is unknown.
    """
    wanted = entry(name)
    file = (SHIPPED_DIR if wanted.shipped else cache_dir()) / wanted.file
    try:
        return file if wanted.fits(file.read_bytes()) else None
    except OSError:
        return None


def path(name: str, *, on_progress: Report | None = None) -> Path:
    """The file called `name`, fetched if it is not in the cache.

    Args:
        name: a key of `ENTRIES`.
        on_progress: told what is fetched, the bytes so far and the bytes in all.

    Raises:
        ModelError: the name is unknown, or a file of this package is missing or damaged.
        DownloadError: no source gives the file; says why and how to get it by hand.
        OutputError: the cache folder cannot be written.
    """
    found, wanted = cached(name), entry(name)
    if wanted.shipped and not found:
        raise ModelError(
            f"{SHIPPED_DIR / wanted.file} is missing or damaged: install this package "
            "again, with --force-reinstall"
        )
    return found or _pull(wanted, on_progress or (lambda _what, _done, _all: None))


def card(name: str) -> Path | None:
    """The model card of a network in this package; None where there is none.

    Raises:
        ModelError: the name is unknown.
    """
    wanted = entry(name)
    file = (SHIPPED_DIR / wanted.file).with_suffix(".md")
    return file if wanted.shipped and file.is_file() else None


def resolve(
    model: str | Path, *, finds: Finds = "landmarks", on_progress: Report | None = None
) -> Path:
    """The file of a model given by name ("full") or by path, with one of `MODEL_SUFFIXES`.

    Args:
        model: name or path.
        finds: what it is to find, for the names that an error offers.
        on_progress: as for `path`.

    Raises:
        ModelError: neither a known name nor a file; near matches are offered.
        DownloadError, OutputError: as for `path`.
    """
    names = [e.name for e in ENTRIES.values() if e.file.endswith(MODEL_SUFFIXES)]
    if str(model) in names:
        return path(str(model), on_progress=on_progress)
    file = Path(model).expanduser()
    if file.is_file():
        return file
    if file.suffix.lower() in MODEL_SUFFIXES:
        raise ModelError(f"model file {file} does not exist: check the path")
    usual = [e.name for e in ENTRIES.values() if e.name in names and e.finds == finds]
    hint = f"{did_you_mean(str(model), usual)}, or a file ({', '.join(MODEL_SUFFIXES)})"
    what = "detector" if finds == "people" else "model"
    raise ModelError(f"unknown {what} {str(model)!r}: {hint}")


def _pull(wanted: Entry, report: Report) -> Path:
    reasons = []
    with locked():
        if found := cached(wanted.name):  # another process was first
            return found
        for source, member in wanted.sources:
            try:
                return _take(wanted, source, member, report)
            except DownloadError as error:  # noqa: PERF203 - the next source may do
                _log.info("%s: %s", source.title, error)
                reasons.append(f"{source.title}: {error}")
    raise DownloadError(_by_hand(wanted, reasons))


def _take(wanted: Entry, source: Source, member: str, report: Report) -> Path:
    """Fetch a source and install every known file it holds, so that one fetch serves for all."""
    with _work_dir() as work:
        _log.info("fetching %s from %s", wanted.name, source.title)
        known = {m: e for e in ENTRIES.values() for s, m in e.sources if s == source}
        limit = 1 + max(e.size for e in known.values())
        found = read_members(source.fetch(work, report), known, limit=limit)
        good = {known[m]: content for m, content in found.items() if known[m].fits(content)}
        if wanted not in good:
            what = "with another checksum" if member in found else "missing"
            raise DownloadError(f"{member} is {what} there")
        for each, content in good.items():
            if cached(each.name):
                continue  # perhaps open in another process
            (work / each.file).write_bytes(content)
            (work / each.file).replace(cache_dir() / each.file)
    return cache_dir() / wanted.file


@contextlib.contextmanager
def _work_dir() -> Iterator[Path]:
    """An empty folder beside the goal; one that a killed process left is cleared away first."""
    folder = cache_dir() / "partial"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """While one process writes into the cache folder, others wait.

    Raises:
        OutputError: nothing can be written there.
    """
    from filelock import FileLock

    folder = cache_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            yield
    except OSError as error:
        raise OutputError(
            f"cannot write into the cache folder {folder} ({error.strerror or error}): "
            f"set {CACHE_VARIABLE} to a folder of yours"
        ) from error


def _by_hand(wanted: Entry, reasons: list[str]) -> str:
    ways = [source.by_hand(member) for source, member in wanted.sources]
    return "\n".join(
        (
            f"cannot fetch {wanted.file}: {'; '.join(reasons)}",
            f"Get it by hand in one of these ways and put it at {cache_dir() / wanted.file}",
            *(f"  {way}" for way in ways),
        )
    )
