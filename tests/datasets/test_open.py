from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from blazepose.datasets import FORMATS, read
from blazepose.datasets.open import tell_format
from blazepose.errors import SourceError


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@pytest.mark.parametrize(
    ("name", "format"),
    [
        ("poses.csv", "poses"),
        ("poses.jsonl", "poses"),
        ("data.yaml", "yolo"),
        ("labels/train/a.txt", "yolo"),
        ("mpii_human_pose_v1_u12_1.mat", "mpii"),
        ("train.json", "coco"),
        ("annotations/person_keypoints_val2017.json", "coco"),
        ("a.xml", "voc"),
        ("Annotations/a.xml", "voc"),
    ],
)
def test_the_format_is_told_by_what_lies_there(tmp_path, name, format):
    touch(tmp_path / name)
    assert tell_format(tmp_path) == format
    if not name.endswith("txt"):
        assert tell_format(tmp_path / name) == format


@pytest.mark.parametrize(("shape", "format"), [((3, 14, 5), "lsp"), ((14, 3, 5), "lspet")])
def test_lsp_and_its_extension_differ_in_the_order_of_axes(tmp_path, shape, format):
    savemat(tmp_path / "joints.mat", {"joints": np.ones(shape)})
    assert tell_format(tmp_path) == tell_format(tmp_path / "joints.mat") == format
    assert len(read(tmp_path)) == len(read(tmp_path / "joints.mat")) == 5


def test_a_folder_of_yolo_images_is_known_by_its_labels(tmp_path):
    touch(tmp_path / "labels" / "val" / "a.txt")
    touch(tmp_path / "images" / "val" / "a.jpg")
    assert tell_format(tmp_path / "images" / "val") == "yolo"


def test_it_says_what_was_looked_for_where_nothing_is_known(tmp_path):
    touch(tmp_path / "a.jpg")
    with pytest.raises(SourceError, match=r"looked for joints\.mat .* \(PASCAL VOC\); got none"):
        read(tmp_path)
    with pytest.raises(SourceError, match=r"got \.jpg"):
        read(tmp_path / "a.jpg")


def test_a_path_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(SourceError, match="no such data set"):
        read(tmp_path / "none")


def test_an_unknown_format_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="did you mean 'coco'"):
        read(tmp_path, format="cocoo")


def test_a_given_format_is_not_guessed(tmp_path):
    touch(tmp_path / "poses.csv")
    with pytest.raises(SourceError, match=r"expected VOC \.xml files"):
        read(tmp_path, format="voc")


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_says_in_one_line_what_is_wrong_with_an_empty_folder(tmp_path, format):
    with pytest.raises(SourceError) as error:
        read(tmp_path, format=format)
    assert "\n" not in str(error.value)
