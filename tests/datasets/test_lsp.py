import sys
from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import HIDDEN, UNLABELLED, VISIBLE, read_lsp, read_lspet
from blazepose.errors import MissingExtraError, SourceError
from blazepose.skeleton import LSP14


def write_joints(folder: Path, joints: np.ndarray) -> None:
    from scipy.io import savemat

    savemat(folder / "joints.mat", {"joints": joints})


def test_each_image_gives_its_person(tmp_path: Path):
    joints = np.zeros((3, 14, 2))
    joints[:2, LSP14.index("left_wrist"), 1] = [30.5, 70.25]
    write_joints(tmp_path, joints)
    first, second = read_lsp(tmp_path)
    assert first.image == tmp_path / "images" / "im0001.jpg"
    assert second.image.name == "im0002.jpg"
    assert second.points[LSP14.index("left_wrist")].tolist() == [30.5, 70.25]
    assert (second.skeleton, second.box_xyxy) == (LSP14, None)


def test_the_flag_of_the_file_means_hidden(tmp_path: Path):
    joints = np.zeros((3, 14, 1))
    joints[2, LSP14.index("left_ankle")] = 1
    write_joints(tmp_path, joints)
    (sample,) = read_lsp(tmp_path)
    assert sample.visible[LSP14.index("left_ankle")] == HIDDEN
    assert sample.visible[LSP14.index("right_ankle")] == VISIBLE
    assert sample.labelled.all()


def test_the_flag_of_the_extended_set_means_labelled(tmp_path: Path):
    joints = np.ones((14, 3, 2))
    joints[LSP14.index("left_ankle"), :, 1] = [-120, -80, 0]
    write_joints(tmp_path, joints)
    first, second = read_lspet(tmp_path)
    assert second.image == tmp_path / "images" / "im00002.jpg"
    assert (first.visible == VISIBLE).all()
    assert np.flatnonzero(second.visible == UNLABELLED).tolist() == [LSP14.index("left_ankle")]


def test_a_joint_without_a_number_stops_and_names_person_and_joint(tmp_path: Path):
    joints = np.ones((3, 14, 2))
    joints[1, LSP14.index("neck"), 1] = np.nan
    write_joints(tmp_path, joints)
    with pytest.raises(SourceError, match=r"joints\.mat, person 2: .* got none for neck"):
        read_lsp(tmp_path)


def test_a_joint_without_a_number_is_left_out_where_the_caller_takes_note(tmp_path: Path):
    joints = np.ones((3, 14, 2))
    joints[1, LSP14.index("neck"), 1] = np.inf
    write_joints(tmp_path, joints)
    problems: list[SourceError] = []
    samples = read_lsp(tmp_path, on_broken=problems.append)
    assert len(problems) == 1
    assert np.flatnonzero(~samples[1].labelled).tolist() == [LSP14.index("neck")]
    assert np.isfinite(samples[1].points).all()


def test_a_folder_without_labels_is_an_error(tmp_path: Path):
    with pytest.raises(SourceError, match="expected a MATLAB file"):
        read_lsp(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no matlab file", b"MATLAB 5.0 MAT-file" + bytes(200)])
def test_a_damaged_file_is_an_error(tmp_path: Path, content: bytes):
    (tmp_path / "joints.mat").write_bytes(content)
    with pytest.raises(SourceError, match="expected a MATLAB file"):
        read_lsp(tmp_path)


def test_labels_of_another_shape_are_an_error(tmp_path: Path):
    write_joints(tmp_path, np.zeros((14, 3, 5)))
    with pytest.raises(SourceError, match=r"shape \(3, 14, N\), got \(14, 3, 5\)"):
        read_lsp(tmp_path)


def test_a_missing_scipy_says_which_extra_brings_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "scipy.io", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'blazepose\[eval\]'"):
        read_lsp(Path())


@pytest.mark.shared
def test_the_released_labels_are_2000_people_inside_their_images():
    folder = Path(__file__).parents[3] / "shared" / "data" / "lsp"
    if not folder.is_dir():
        pytest.skip("no shared/data/lsp beside the checkout")
    samples = read_lsp(folder)
    assert len(samples) == 2000
    assert all(sample.image.is_file() for sample in samples)
    assert min(sample.points.min() for sample in samples) > 0
    right_knee = samples[0].points[LSP14.index("right_knee")]
    np.testing.assert_allclose(right_knee, [30.55, 117.23], atol=0.01)


@pytest.mark.shared
def test_the_released_extension_has_no_label_where_the_joint_is_outside():
    folder = Path(__file__).parents[3] / "shared" / "data" / "lspet"
    if not folder.is_dir():
        pytest.skip("no shared/data/lspet beside the checkout")
    samples = read_lspet(folder)
    assert len(samples) == 10_000
    assert samples[-1].image.is_file()
    assert sum(int(sample.labelled.sum()) for sample in samples) == 123_213
    assert min(sample.points.min() for sample in samples) > -2
