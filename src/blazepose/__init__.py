"""BlazePose: real-time body pose tracking with 33 keypoints, open, trainable and fast.

Names load on first use, so that `import blazepose` stays quick; nothing here imports torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blazepose.draw import draw_poses
    from blazepose.errors import (
        BlazePoseError,
        DownloadError,
        MissingExtraError,
        ModelError,
        OutputError,
        SourceError,
    )
    from blazepose.pose import Detection, Frame, Pose, Roi
    from blazepose.posefile import read_poses
    from blazepose.skeleton import Skeleton
    from blazepose.track import Tracker, estimate
    from blazepose.track.file import track_file
    from blazepose.video import frames

__version__ = "0.1.0"

_HOME = {
    "errors": (
        "BlazePoseError",
        "DownloadError",
        "MissingExtraError",
        "ModelError",
        "OutputError",
        "SourceError",
    ),
    "draw": ("draw_poses",),
    "pose": ("Detection", "Frame", "Pose", "Roi"),
    "posefile": ("read_poses",),
    "skeleton": ("Skeleton",),
    "track": ("Tracker", "estimate"),
    "track.file": ("track_file",),
    "video": ("frames",),
}
_MODULE = {name: module for module, names in _HOME.items() for name in names}

__all__ = [
    "BlazePoseError",
    "Detection",
    "DownloadError",
    "Frame",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "Pose",
    "Roi",
    "Skeleton",
    "SourceError",
    "Tracker",
    "__version__",
    "draw_poses",
    "estimate",
    "frames",
    "read_poses",
    "track_file",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULE:
        raise AttributeError(f"module 'blazepose' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"blazepose.{_MODULE[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
