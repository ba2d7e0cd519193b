"""Leeds Sports Pose: 2000 sports images with 14 joints of one person each.

Johnson & Everingham, BMVC 2010. The folder holds `joints.mat`, (3, 14, 2000), and
`images/im0001.jpg` onwards. The official test half is images 1001..2000. Positions are taken as
they stand: against the released Full model their mean offset in x is 0.0 px in the corner
convention. The third row says "visibility" in the data set's README, yet 1 means hidden.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jaxtyping import Float

from blazepose.datasets.sample import HIDDEN, VISIBLE, Sample
from blazepose.errors import MissingExtraError, SourceError
from blazepose.skeleton import LSP14


def read_lsp(folder: Path) -> list[Sample]:
    """All people of a Leeds Sports Pose folder, in file order: image i is at index i - 1.

    Raises:
        MissingExtraError: scipy is not installed.
        SourceError: `joints.mat` is missing, unreadable or of another shape.
    """
    joints = _load_joints(folder / "joints.mat")
    return [
        Sample(
            image=folder / "images" / f"im{number:04d}.jpg",
            points=person[:2].T.astype(np.float32),
            visible=np.where(person[2] == 1, HIDDEN, VISIBLE).astype(np.uint8),
            box_xyxy=None,
            skeleton=LSP14,
        )
        for number, person in enumerate(np.moveaxis(joints, 2, 0), 1)
    ]


def _load_joints(path: Path) -> Float[np.ndarray, "3 14 N"]:
    try:
        from scipy.io import loadmat
        from scipy.io.matlab import MatReadError
    except ImportError as error:
        raise MissingExtraError("LSP labels", "train") from error
    try:
        joints = np.asarray(loadmat(path)["joints"])
    except (OSError, KeyError, ValueError, MatReadError) as error:
        raise SourceError(f"{path}: expected a MATLAB file with 'joints', got {error}") from error
    if joints.ndim != 3 or joints.shape[:2] != (3, 14):
        raise SourceError(f"{path}: expected 'joints' of shape (3, 14, N), got {joints.shape}")
    return joints
