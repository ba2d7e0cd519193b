"""A data set made by hand: the standing person on grey pictures, and finders that know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from blazepose.datasets import VISIBLE, Sample
from blazepose.evaluate import Answer, Evaluation, Scores, Subject, counted_joints, evaluate, score
from blazepose.pose import Frame, Pose
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.skeleton import LSP14, Skeleton
from blazepose.video import read_image, write_image
from standing import standing_pose

SUBJECT = Subject("hand", None, "made", "image")
TORSO = float(np.hypot(56, 100))  # px from the left shoulder to the right hip of the person


def person(image: Path, *, skeleton: Skeleton = LSP14, right: float = 0.0) -> Sample:
    """The standing person, labelled and visible in every keypoint."""
    pose = standing_pose(center_xy=(200 + right, 240)).to(skeleton)
    visible = np.full(len(skeleton), VISIBLE, np.uint8)
    return Sample(image, pose.points[:, :2].copy(), visible, None, skeleton)


def photos(folder: Path, count: int, *, skeleton: Skeleton = LSP14) -> list[Sample]:
    """So many pictures a.png, b.png .. with one person each."""
    folder.mkdir(parents=True, exist_ok=True)
    samples = []
    for number in range(count):
        path = folder / f"{chr(ord('a') + number)}.png"
        write_image(path, np.full((480, 400, 3), 90, np.uint8))
        samples.append(person(path, skeleton=skeleton))
    return samples


def off(right: float, *, joints: Sequence[str] | None = None) -> Pose:
    """The standing person as found, some keypoints (or all) this many px too far right."""
    pose = standing_pose()
    points = pose.points.copy()
    rows = [pose.skeleton.index(name) for name in joints or pose.skeleton.names]
    points[rows, 0] += right
    return replace(pose, points=points)


class Knows:
    """Gives what it was told, image by image; reads the image as a real finder does."""

    def __init__(self, poses: Sequence[Pose | None]) -> None:
        self._poses = list(poses)

    def __call__(self, image: Path, people: Sequence[Sample]) -> Answer:
        pose = self._poses.pop(0)
        read_image(image)
        return Answer([] if pose is None else [pose], [pose], seconds=0.004)


def judged(samples: list[Sample], poses: Sequence[Pose | None]) -> Evaluation:
    return evaluate(samples, Knows(poses), joints=counted_joints(samples[0].skeleton))


def scored(samples: list[Sample], poses: Sequence[Pose | None], alpha: float = 0.2) -> Scores:
    return score(judged(samples, poses), SUBJECT, alpha=alpha)


def write_predictions(path: Path, samples: Sequence[Sample], poses: Sequence[Pose | None]) -> None:
    """A poses file as `blazepose track` writes it for photos."""
    header = PoseFileHeader("made", "photos", None, None, None)
    with open_pose_files(path.with_suffix(""), header, formats=["jsonl"]) as lines:
        for index, (sample, pose) in enumerate(zip(samples, poses, strict=True)):
            frame = Frame(np.zeros((480, 400, 3), np.uint8), 0.0, index, str(sample.image))
            lines.write(frame, [] if pose is None else [pose])
