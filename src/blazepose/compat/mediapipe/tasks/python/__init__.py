"""The task API for Python; of its tasks the pose landmarker."""

from typing import NoReturn

from blazepose.compat.absent import absent
from blazepose.compat.mediapipe.tasks.python import components, core, vision
from blazepose.compat.mediapipe.tasks.python.core.base_options import BaseOptions

__all__ = ["BaseOptions", "components", "core", "vision"]


def __getattr__(name: str) -> NoReturn:
    raise absent("mediapipe.tasks", name)
