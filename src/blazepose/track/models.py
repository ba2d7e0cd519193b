"""Model names and files -> the two networks of a tracker."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

from blazepose.aside import aside
from blazepose.errors import ModelError
from blazepose.runtimes import Precision, reads
from blazepose.track.box_detector import AnyDetector, open_detector
from blazepose.track.landmarker import Landmarker
from blazepose.weights import store
from blazepose.weights.sources import Report
from blazepose.weights.task import DETECTOR, LANDMARKS, read_task


@dataclass(frozen=True)
class ModelFiles:
    """File of the landmark network; the bundle it came out of and the detector there, if any."""

    landmarks: Path
    detector: Path | None = None
    bundle: Path | None = None

    def known_as(self, part: str) -> str | None:
        """What the user knows a network by that lies unpacked in the cache; None: its own name."""
        return f"{part} in {self.bundle}" if self.bundle else None


class HasNetworks:
    """What has networks open, which stay in the process that opened them."""

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(
            f"a {name} cannot be copied or sent to another process: make one where it is used, "
            "as in the initializer of a pool"
        )


def open_networks(
    model: str | PathLike[str],
    *,
    detector: str | PathLike[str] | None,
    refine: bool = True,
    mask: bool = False,
    runtime: str = "auto",
    threads: int | None = None,
    precision: Precision = "auto",
) -> tuple[AnyDetector, Landmarker]:
    """The networks of a model, ready to run; arguments and errors as for `Tracker`.

    Args:
        model: see `model_files`.
        detector: name or file of the detector; None: the bundle's own, or the released one.
        refine: as for `Tracker`.
        mask: as for `Tracker`.
        runtime: of the landmark network, and where no detector is named of that, too, if it
            reads the file.
        threads: as for `Tracker`.
        precision: as for `Tracker`.
    """
    files = model_files(model)
    finder = _detector_file(files, detector)
    # Side by side: compiling a network takes a fifth of a second, mostly on one core.
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(
            open_detector,
            finder,
            runtime=runtime if detector is None and reads(runtime, finder) else "auto",
            threads=threads,
            name=files.known_as(DETECTOR) if detector is None else None,
        )
        landmarker = open_landmarker(
            files,
            refine=refine,
            mask=mask,
            runtime=runtime,
            threads=threads,
            precision=precision,
        )
        return opening.result(), landmarker


def open_landmarker(files: ModelFiles, **options: Any) -> Landmarker:
    """The landmark network of a model; options and errors as in `Landmarker.open`."""
    return Landmarker.open(files.landmarks, name=files.known_as(LANDMARKS), **options)


def open_finder(*, threads: int | None = None) -> AnyDetector:
    """Our finder of whole people, beside the detector of faces."""
    return open_detector(store.path("finder"), threads=threads)


def fetch(model: str, detector: str | None = None, *, report: Report | None = None) -> None:
    """Fetch what a tracker of these networks needs, where it is not here yet.

    Args:
        model: see `model_files`, or two, see `pair`.
        detector: as for `Tracker`.
        report: told how far a fetch is.
    """
    first, second = pair(model)
    file = store.resolve(str(first), on_progress=report)
    if second:
        store.resolve(second, on_progress=report)
    if detector is None and not _is_bundle(file):
        store.path("detector", on_progress=report)


def pair(model: str | PathLike[str]) -> tuple[str | PathLike[str], str | None]:
    """A model, and of "full-plus+heavy" the one that looks again at whom it finds in photos."""
    if isinstance(model, PathLike) or Path(model).expanduser().exists():  # a file with a plus in it
        return model, None
    first, _, second = model.partition("+")
    return (first, second) if first and second else (model, None)


def single(model: str | PathLike[str]) -> str | PathLike[str]:
    """The model itself, if it is one; ModelError if it is two."""
    first, second = pair(model)
    if second is not None:
        raise ModelError(f"expected one model, got {model}: leave out +{second}, it is for photos")
    return first


def model_files(model: str | PathLike[str]) -> ModelFiles:
    """Files of a model; a released one is fetched on its first use.

    Args:
        model: a name as `blazepose models list` shows it, a landmark network's file, or a .task
            bundle of both networks.

    Raises:
        ModelError: unknown name, missing file, two models, or a .task without the two networks.
        DownloadError: a released model that no source gives.
    """
    model = single(model)
    path = store.resolve(Path(model) if isinstance(model, PathLike) else model)
    if not _is_bundle(path):
        return ModelFiles(path)
    members = read_task(path)
    return ModelFiles(_unpacked(members[LANDMARKS]), _unpacked(members[DETECTOR]), path)


def _detector_file(files: ModelFiles, detector: str | PathLike[str] | None) -> Path:
    if detector is None:
        return files.detector or store.path("detector")
    return store.resolve(
        Path(detector) if isinstance(detector, PathLike) else detector, finds="people"
    )


def _is_bundle(path: Path) -> bool:
    return path.suffix.lower() == ".task"


def _unpacked(network: bytes) -> Path:
    """A bundled .tflite as a file in the cache, because runtimes read files."""
    path = store.cache_dir() / f"{hashlib.sha256(network).hexdigest()}.tflite"
    if not _is_whole(path, network):
        with store.locked():
            if not _is_whole(path, network):  # another process was first
                with aside(path) as part:
                    part.write_bytes(network)
    return path


def _is_whole(path: Path, network: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(network)
