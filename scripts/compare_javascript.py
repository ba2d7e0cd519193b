"""Poses of a released network, followed and filtered as released, beside the JavaScript solution's.

python scripts/compare_javascript.py VIDEOS
"""

import json
import sys
from pathlib import Path

import numpy as np

import blazepose as bp

folder = Path(sys.argv[1])
points = np.array(json.loads((folder / "pose_squats.full.json").read_text()))[..., :2]
world = np.array(json.loads((folder / "pose_squats_3d.full.json").read_text()))
tracker = bp.Tracker("full", released=True)
found = [pose for frame in bp.frames(folder / "pose_squats.mp4") for pose in tracker(frame)]
trunk = (points[:, 11:13].mean(axis=1) - points[:, 23:25].mean(axis=1))[:, None]
gap = np.linalg.norm(np.stack([pose.points[:, :2] for pose in found]) - points, axis=-1)
apart_m = np.linalg.norm(np.stack([pose.world for pose in found]) - world, axis=-1)
print(f"2-D {100 * (gap / np.linalg.norm(trunk, axis=-1)).mean():.2f} % of mid-shoulder to mid-hip")
print(f"3-D {100 * apart_m.mean():.2f} cm")
