"""`read`: a data set of any format, told by what lies there."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from blazepose.datasets.broken import OnBroken, stop
from blazepose.datasets.coco import read_coco
from blazepose.datasets.lsp import read_lsp, read_lspet
from blazepose.datasets.matlab import matlab_shape
from blazepose.datasets.mpii import read_mpii
from blazepose.datasets.poses import FILES, read_pose_labels
from blazepose.datasets.sample import Sample
from blazepose.datasets.voc import read_voc
from blazepose.datasets.yolo import label_folder, read_yolo
from blazepose.errors import SourceError, did_you_mean
from blazepose.skeleton import LSP14


class Reader(Protocol):
    """Reads one format."""

    def __call__(self, path: Path, /, *, on_broken: OnBroken = stop) -> list[Sample]:
        """All people of a data set; SourceError if it is not of this format."""


FORMATS: dict[str, Reader] = {
    "lsp": read_lsp,
    "lspet": read_lspet,
    "poses": read_pose_labels,
    "yolo": read_yolo,
    "mpii": read_mpii,
    "coco": read_coco,
    "voc": read_voc,
}
_LOOKED_FOR = (
    "joints.mat (LSP, LSPET), poses.csv or poses.jsonl (blazepose track), data.yaml or labels/ "
    "(YOLO pose), another .mat (MPII), .json or annotations/*.json (COCO keypoints), .xml or "
    "Annotations/*.xml (PASCAL VOC)"
)


def read(
    path: str | Path, *, format: str | None = None, on_broken: OnBroken = stop
) -> list[Sample]:
    """All labelled people of a data set.

    Args:
        path: file or folder.
        format: one of `FORMATS`; None to tell it by what lies there.
        on_broken: told of labels that are no labels, which are left out; by default they stop it.

    Raises:
        SourceError: nothing known lies there, or it cannot be read.
        MissingExtraError: the format needs a package that is not installed.
        ValueError: an unknown format.
    """
    path = Path(path).expanduser()
    name = format or tell_format(path)
    if name not in FORMATS:
        raise ValueError(f"unknown data format {name!r}: {did_you_mean(name, FORMATS)}")
    return FORMATS[name](path, on_broken=on_broken)


def tell_format(path: Path) -> str:
    """The format of a data set, one of `FORMATS`.

    Raises:
        SourceError: nothing is there, or nothing known.
    """
    if not path.exists():
        raise SourceError(f"no such data set: {path}: check the name")
    found = _of_folder(path) if path.is_dir() else _of_file(path)
    if found is None:
        what = path.suffix or "a file without suffix" if path.is_file() else "none"
        raise SourceError(f"no known data set in {path}: looked for {_LOOKED_FOR}; got {what}")
    return found


def _of_folder(folder: Path) -> str | None:
    """The first format of which there is a sign; what names its files most clearly comes first."""
    if (folder / "joints.mat").is_file():
        return _of_joints(folder / "joints.mat")
    if any((folder / name).is_file() for name in FILES):
        return "poses"
    if (folder / "data.yaml").is_file() or label_folder(folder).is_dir():
        return "yolo"
    signs = {
        "mpii": ("*.mat",),
        "coco": ("*.json", "annotations/*.json"),
        "voc": ("*.xml", "Annotations/*.xml"),
    }
    return next((n for n, globs in signs.items() if any(any(folder.glob(g)) for g in globs)), None)


def _of_file(file: Path) -> str | None:
    if file.suffix == ".mat":
        return _of_joints(file) if file.name == "joints.mat" else "mpii"
    suffixes = {"poses": (".csv", ".jsonl"), "coco": (".json",), "voc": (".xml",)}
    suffixes["yolo"] = (".yaml", ".yml")
    return next((name for name, known in suffixes.items() if file.suffix.lower() in known), None)


def _of_joints(file: Path) -> str:
    """LSP and its extension call their file the same; the order of the axes differs."""
    return "lspet" if matlab_shape(file, "joints")[:2] == (len(LSP14), 3) else "lsp"
