import numpy as np
import pytest

from blazepose.metrics import box_size, head_size, torso_size
from blazepose.skeleton import COCO17, LSP14, Skeleton


@pytest.mark.parametrize("skeleton", [LSP14, COCO17])
def test_torso_goes_from_left_shoulder_to_right_hip(skeleton: Skeleton):
    points = np.zeros((1, len(skeleton), 2), np.float32)
    points[0, skeleton.index("left_shoulder")] = [40, 10]
    points[0, skeleton.index("right_hip")] = [10, 50]
    assert torso_size(points, np.ones((1, len(skeleton)), bool), skeleton) == [50]


def test_torso_is_nan_when_an_end_is_not_labelled():
    points = np.ones((2, len(LSP14), 2), np.float32)
    labelled = np.ones((2, len(LSP14)), bool)
    labelled[1, LSP14.index("right_hip")] = False
    assert np.isnan(torso_size(points, labelled, LSP14)).tolist() == [False, True]


def test_head_goes_from_its_top_to_the_neck():
    points = np.zeros((1, len(LSP14), 2), np.float32)
    points[0, LSP14.index("head_top")] = [3, 4]
    assert head_size(points, np.ones((1, len(LSP14)), bool), LSP14) == [5]


def test_a_skeleton_without_a_neck_has_no_head_size():
    with pytest.raises(ValueError, match="no keypoint 'head_top'"):
        head_size(np.zeros((1, 17, 2)), np.ones((1, 17), bool), COCO17)


def test_the_size_of_a_box_is_its_longer_side():
    boxes = np.array([[10, 10, 40, 50], [0, 0, 7, 3], [np.nan] * 4])
    np.testing.assert_equal(box_size(boxes), [40, 7, np.nan])
