"""Leeds Sports Pose and its extension: sports images with 14 joints of one person each.

Both folders hold `joints.mat` and `images/`. LSP (Johnson & Everingham, BMVC 2010) has 2000 images
from `im0001.jpg` on and joints of shape (3, 14, N); images 1001..2000 are the official test half.
LSP Extended (CVPR 2011) has 10,000 from `im00001.jpg` on and joints of shape (14, 3, N), labelled
by a crowd. Positions are taken as they stand: against the released Full model their mean offset
in x is 0.0 px in the corner convention.

Of the same third row both descriptions say "visibility", and both mean something else. In LSP 1 is
a hidden joint, its position guessed. In LSPET 0 is a joint without a label: each of these 16,787
lies outside its image or in its corner, and 1 holds for visible and hidden joints alike.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from blazepose.datasets.broken import OnBroken, stop
from blazepose.datasets.matlab import load_matlab
from blazepose.datasets.sample import HIDDEN, UNLABELLED, VISIBLE, Sample, make_sample
from blazepose.errors import SourceError
from blazepose.shapes import Float32
from blazepose.skeleton import LSP14

_JOINTS = len(LSP14)


def read_lsp(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people of a Leeds Sports Pose folder, in file order: image i is at index i - 1.

    Args:
        path: `joints.mat` or its folder.
        on_broken: told of a joint without a finite position; it counts as unlabelled.

    Raises:
        MissingExtraError: scipy is not installed.
        SourceError: `joints.mat` is missing, unreadable or of another shape.
    """
    folder = path.parent if path.is_file() else path
    joints = _joints(folder, (3, _JOINTS)).transpose(2, 1, 0)
    joints[:, :, 2] = np.where(joints[:, :, 2] == 1, HIDDEN, VISIBLE)
    return _samples(folder, "im{:04d}.jpg", joints, on_broken)


def read_lspet(path: Path, *, on_broken: OnBroken = stop) -> list[Sample]:
    """All people of an LSP Extended folder, in file order; otherwise as `read_lsp`.

    Labels of the crowd are often wrong: see `survey.clean`.
    """
    folder = path.parent if path.is_file() else path
    joints = _joints(folder, (_JOINTS, 3)).transpose(2, 0, 1)
    joints[:, :, 2] = np.where(joints[:, :, 2] == 1, VISIBLE, UNLABELLED)
    return _samples(folder, "im{:05d}.jpg", joints, on_broken)


def _joints(folder: Path, shape: tuple[int, int]) -> Float32[np.ndarray, "A B N"]:
    path = folder / "joints.mat"
    joints = np.asarray(load_matlab(path, "joints"))
    if joints.ndim != 3 or joints.shape[:2] != shape:
        wanted = f"({shape[0]}, {shape[1]}, N)"
        raise SourceError(f"{path}: expected 'joints' of shape {wanted}, got {joints.shape}")
    return joints.astype(np.float32)


def _samples(
    folder: Path, name: str, joints: Float32[np.ndarray, "N 14 3"], on_broken: OnBroken
) -> list[Sample]:
    return [
        make_sample(
            folder / "images" / name.format(number),
            person,
            LSP14,
            where=f"{folder / 'joints.mat'}, person {number}",
            on_broken=on_broken,
        )
        for number, person in enumerate(joints, 1)
    ]
