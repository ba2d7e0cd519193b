import numpy as np
import pytest

from blazepose.pose import Pose, Roi


def _pose() -> Pose:
    points = np.arange(99, dtype=np.float32).reshape(33, 3)
    visibility = np.linspace(0, 1, 33, dtype=np.float32)
    return Pose(points, points / 100, visibility, visibility, 0.9, Roi((1, 2), 3), id=7)


def test_another_skeleton_keeps_the_person_and_its_points() -> None:
    pose = _pose().to("coco17")
    assert (pose.id, pose.score, pose.skeleton.name) == (7, 0.9, "coco17")
    assert pose.points.shape == pose.world.shape == (17, 3)
    knee = pose.skeleton.index("left_knee")
    assert (pose.points[knee] == _pose().points[25]).all()
    assert pose.visibility[knee] == _pose().visibility[25]
    assert pose.points.dtype == np.float32


def test_a_derived_point_is_as_visible_as_its_least_visible_part() -> None:
    pose = _pose().to("lsp14")
    neck = pose.skeleton.index("neck")
    assert pose.points[neck] == pytest.approx(_pose().points[11:13].mean(axis=0))
    assert pose.visibility[neck] == _pose().visibility[11]


def test_an_unknown_skeleton_is_refused() -> None:
    with pytest.raises(ValueError, match="did you mean 'lsp14'"):
        _pose().to("lsp")


def test_what_is_not_known_of_one_point_is_not_known_of_those_made_of_it_alone() -> None:
    pose = _pose()
    pose.points[11] = np.nan  # the left shoulder
    pose.world[:, 2] = np.nan  # of a flat network
    lsp = pose.to("lsp14")
    unknown = {lsp.skeleton.names[i] for i in np.flatnonzero(np.isnan(lsp.points[:, 0]))}
    assert unknown == {"left_shoulder", "neck", "head_top"}
    assert np.isnan(lsp.world[:, 2]).all()
    assert np.isfinite(lsp.world[:, :2]).all()
