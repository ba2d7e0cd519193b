"""Imports point one way, imports inside functions included, and torch stays in its rooms."""

import ast
from pathlib import Path

import pytest

import blazepose

ROOT = Path(blazepose.__file__).parent
# A module may import from its own room and from any row above its own.
LAYERS = [
    {"errors", "no_telemetry", "shapes"},
    {"skeleton", "aside"},
    {"pose"},
    {"geometry", "look"},
    {"roi", "boxes", "smooth"},
    {"heatmap"},
    {"nets", "metrics", "video", "posefile", "draw", "plot", "page", "coach", "motion"},
    {"datasets"},
    {"survey"},
    {"weights"},
    {"runtimes"},
    {"track", "train"},
    {"teach"},
    {"annotate", "evaluate", "bench", "batch", "compat", "fit"},
    {"workout"},
    {"web"},
    {"cli"},
    {"__main__"},
]
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
TORCH_ROOMS = {"nets", "weights", "train", "runtimes"}
MODULES = [p for p in sorted(ROOT.rglob("*.py")) if p != ROOT / "__init__.py"]


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_from_rows_above(path: Path) -> None:
    room = _room(path)
    rooms = {n.split(".")[1] for n in _imports(path) if n.startswith("blazepose.")} & set(RANK)
    wrong = {other for other in rooms - {room} if RANK[other] >= RANK[room]}
    assert not wrong, f"{room} may not import {sorted(wrong)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_torch_is_imported_only_where_networks_live(path: Path) -> None:
    heavy = {n.split(".")[0] for n in _imports(path)} & {"torch", "lightning", "safetensors"}
    assert not heavy or _room(path) in TORCH_ROOMS
