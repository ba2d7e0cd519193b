"""Which model a task runs, and on what."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from os import PathLike


@dataclass
class BaseOptions:
    """Which model a task runs.

    Attributes:
        model_asset_path: of a .task bundle; or whatever `Tracker` takes, as the name "full".
        model_asset_buffer: the content of a .task bundle, if no path is given.
        delegate: accepted; networks run on the processor.
    """

    class Delegate(enum.IntEnum):
        """What a model runs on."""

        CPU = 0
        GPU = 1

    model_asset_path: str | PathLike[str] | None = None
    model_asset_buffer: bytes | None = None
    delegate: Delegate | None = None
