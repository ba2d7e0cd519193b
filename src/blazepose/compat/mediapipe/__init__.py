"""MediaPipe Pose, as scripts know it, on top of this package.

`import blazepose.compat.mediapipe as mp` in place of `import mediapipe as mp`: the solution that
MediaPipe removed (`mp.solutions.pose`) and the task API's `PoseLandmarker` (`mp.tasks.vision`).
Modules lie where MediaPipe's lie, so `from mediapipe... import ...` finds its counterpart. What
differs is told in docs/compat.md.
"""

from typing import NoReturn

import blazepose.compat.mediapipe.python.solutions as solutions
import blazepose.compat.mediapipe.tasks.python as tasks
from blazepose import __version__
from blazepose.compat.absent import absent
from blazepose.compat.mediapipe.tasks.python.vision.core.image import Image, ImageFormat

__all__ = ["Image", "ImageFormat", "__version__", "solutions", "tasks"]


def __getattr__(name: str) -> NoReturn:
    raise absent("mediapipe", name)
