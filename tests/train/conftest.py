"""People who stand in generated pictures, with labels and lessons that agree."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from blazepose.datasets import VISIBLE, Lessons, Sample
from blazepose.roi import circle, from_keypoints
from blazepose.skeleton import BLAZEPOSE33, LSP14, Skeleton
from standing import standing_pose

CENTER, PX_PER_M = (100.0, 90.0), 80.0
MakePeople = Callable[..., list[Sample]]


@pytest.fixture
def people(tmp_path: Path) -> MakePeople:
    """Makes people of 136 px, each in a picture of 200 x 180 px."""

    def make(count: int = 1, *, skeleton: Skeleton = LSP14) -> list[Sample]:
        noise = np.random.default_rng(0)
        samples = []
        for number in range(count):
            image = tmp_path / "images" / f"{number:03}.png"
            image.parent.mkdir(exist_ok=True)
            Image.fromarray(noise.integers(0, 256, (180, 200, 3), np.uint8)).save(image)
            points = standing_pose(center_xy=CENTER, px_per_m=PX_PER_M).to(skeleton).points[:, :2]
            seen = np.full(len(skeleton), VISIBLE, np.uint8)
            samples.append(Sample(image, points.astype(np.float32), seen, None, skeleton))
        return samples

    return make


@pytest.fixture
def lessons() -> Callable[[int], Lessons]:
    """Makes lessons of a teacher who sees such people as they stand."""

    def make(count: int = 1) -> Lessons:
        pose = standing_pose(center_xy=CENTER, px_per_m=PX_PER_M)
        roi = from_keypoints(pose.points[:, :2], np.ones(33, bool), BLAZEPOSE33)
        assert roi is not None
        rim = np.pad(circle(roi), ((0, 0), (0, 1)))
        blank = Lessons.blank(count)
        blank.points[:] = np.concatenate([pose.points, rim])
        blank.world[:], blank.visibility[:] = pose.world, 0.75
        blank.score[:], blank.spread[:] = 1, 0.01
        return blank

    return make
