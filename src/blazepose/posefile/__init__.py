"""Poses to files, frame by frame, and back.

`poses.jsonl` (`lines`) keeps everything and is read again; the other formats (`tables`) are for
tools that like tables and are only written. Knows nothing of networks, images or video.
"""

from blazepose.posefile.lines import SUFFIXES, PoseFileHeader, PoseFrame, read_poses
from blazepose.posefile.writer import FORMATS, PoseWriter, open_pose_files

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "PoseFileHeader",
    "PoseFrame",
    "PoseWriter",
    "open_pose_files",
    "read_poses",
]
