"""From media to folders of results: annotated pictures or video, poses files, a 3-D figure."""

from blazepose.annotate.annotator import (
    Annotator,
    Options,
    Picture,
    Summary,
    Watcher,
    header_of,
    video_of,
)
from blazepose.annotate.background import Background
from blazepose.annotate.jobs import FIGURE, Job, plan

__all__ = [
    "FIGURE",
    "Annotator",
    "Background",
    "Job",
    "Options",
    "Picture",
    "Summary",
    "Watcher",
    "header_of",
    "plan",
    "video_of",
]
