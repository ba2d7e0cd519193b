"""What results are made of."""

from blazepose.compat.mediapipe.tasks.python.components import containers

__all__ = ["containers"]
