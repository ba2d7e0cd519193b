from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import VISIBLE, Sample
from blazepose.skeleton import LSP14
from standing import standing_pose


@pytest.fixture
def person() -> Sample:
    """A standing person with arms out, 14 joints labelled, of torso length 100 px at 200 px / m."""
    points = standing_pose().to(LSP14).points[:, :2]
    visible = np.full(len(LSP14), VISIBLE, np.uint8)
    return Sample(Path("person.jpg"), points, visible, box_xyxy=None, skeleton=LSP14)
