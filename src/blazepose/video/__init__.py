"""Pictures in and out: images, videos, cameras and streams to frames, and annotated video back.

Names load on first use: `as_rgb` guards every entry for arrays and must not pull in a codec.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blazepose.video.check import as_rgb
    from blazepose.video.encode import VideoWriter
    from blazepose.video.image import read_image, write_image
    from blazepose.video.media import MediaInfo, media_files
    from blazepose.video.source import FrameSource, frames

_HOME = {
    "FrameSource": "source",
    "MediaInfo": "media",
    "VideoWriter": "encode",
    "as_rgb": "check",
    "frames": "source",
    "media_files": "media",
    "read_image": "image",
    "write_image": "image",
}

__all__ = [
    "FrameSource",
    "MediaInfo",
    "VideoWriter",
    "as_rgb",
    "frames",
    "media_files",
    "read_image",
    "write_image",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'blazepose.video' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"blazepose.video.{_HOME[name]}"), name)
    globals()[name] = value
    return value
