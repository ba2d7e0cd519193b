"""How pictures come to a task."""

import enum


class VisionTaskRunningMode(enum.Enum):
    """Unrelated photos, frames of a recorded video, or frames that do not wait."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    LIVE_STREAM = "LIVE_STREAM"
