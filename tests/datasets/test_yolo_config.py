from pathlib import Path

import pytest

from blazepose.datasets import UNLABELLED, VISIBLE, read_yolo
from blazepose.errors import SourceError
from blazepose.skeleton import COCO17


@pytest.fixture
def folder(tmp_path: Path, photo) -> Path:
    """An empty label file each for a training and a validation image."""
    for part in ("train", "val"):
        photo(tmp_path / "set" / "images" / part / f"{part}.png")
        (tmp_path / "set" / "labels" / part).mkdir(parents=True)
        (tmp_path / "set" / "labels" / part / f"{part}.txt").touch()
    return tmp_path / "set"


def describe(folder: Path, *lines: str) -> Path:
    (folder / "data.yaml").write_text("\n".join(("train: images/train", "val: images/val", *lines)))
    return folder


def label(folder: Path, keypoints: str, part: str = "train") -> None:
    (folder / "labels" / part / f"{part}.txt").write_text(f"0 0.5 0.5 1 1 {keypoints}\n")


def test_keypoints_have_the_names_of_the_file(folder):
    describe(folder, "kpt_shape: [2, 3]", "kpt_names: {0: [Left Ear, right_ear]}")
    label(folder, "0.5 0.5 2 0.25 0.5 1")
    (sample,) = read_yolo(folder)
    assert sample.skeleton.names == ("left_ear", "right_ear")
    assert sample.points.tolist() == [[100, 50], [50, 50]]


def test_partners_give_sides_where_there_are_no_names(folder):
    describe(folder, "kpt_shape: [3, 3]", "flip_idx: [0, 2, 1]")
    label(folder, "0.5 0.5 2 0.25 0.5 1 0 0 0")
    (sample,) = read_yolo(folder)
    assert sample.skeleton.names == ("point_0", "left_point_1", "right_point_1")
    assert sample.skeleton.mirror.tolist() == [0, 2, 1]


def test_a_part_given_alone_has_the_keypoints_of_its_data_set(folder):
    describe(folder, "kpt_shape: [2, 3]", "kpt_names: {0: [l_hip, r_hip]}", "flip_idx: [1, 0]")
    label(folder, "0.5 0.5 2 0.25 0.5 1")
    label(folder, "0.5 0.5 2 0.25 0.5 1", part="val")
    (sample,) = read_yolo(folder / "images" / "val")
    assert sample.skeleton.names == ("left_hip", "right_hip")
    assert sample.image.name == "val.png"


def test_names_that_do_not_pair_as_the_file_says_are_refused(folder):
    describe(folder, "kpt_shape: [2, 3]", "kpt_names: {0: [a, b]}", "flip_idx: [1, 0]")
    with pytest.raises(SourceError, match="pair as flip_idx"):
        read_yolo(folder)


def test_a_folder_for_tests_may_be_missing(folder):
    describe(folder, "kpt_shape: [1, 3]", "test: ../test/images")
    label(folder, "0.5 0.5 2")
    assert len(read_yolo(folder)) == 1


def test_a_data_set_below_a_folder_called_images_is_read(tmp_path, photo):
    place = tmp_path / "images" / "mine"
    photo(place / "images" / "a.png")
    (place / "labels").mkdir()
    (place / "labels" / "a.txt").write_text("0 0.5 0.5 1 1" + 17 * " 0.5 0.5 2")
    assert read_yolo(place)[0].image == place / "images" / "a.png"


def test_two_numbers_per_keypoint_are_visible_unless_at_zero(folder):
    describe(folder, "kpt_shape: [3, 2]")
    label(folder, "0.5 0.5 0 0 -1 -1")
    (sample,) = read_yolo(folder)
    assert sample.visible.tolist() == [VISIBLE, UNLABELLED, UNLABELLED]


def test_seventeen_keypoints_without_names_are_coco_s(folder):
    describe(folder, "kpt_shape: [17, 3]")
    label(folder, " ".join(["0.5 0.5 2"] * 17))
    assert read_yolo(folder)[0].skeleton is COCO17
    describe(folder, "kpt_shape: [17, 3]", f"flip_idx: {COCO17.mirror.tolist()}")
    assert read_yolo(folder)[0].skeleton is COCO17


def test_seventeen_keypoints_that_pair_otherwise_are_not_coco_s(folder):
    """As those of animals: two eyes first, then nose and tail."""
    partners = [1, 0, 2, 3, 4, *(i + (3 if i < 8 else -3) for i in range(5, 11)), *range(11, 17)]
    describe(folder, "kpt_shape: [17, 3]", f"flip_idx: {partners}")
    label(folder, " ".join(["0.5 0.5 2"] * 17))
    shape = read_yolo(folder)[0].skeleton
    assert shape.mirror.tolist() == partners
    assert shape.names != COCO17.names


def test_training_comes_before_validation(folder):
    describe(folder, "kpt_shape: [1, 3]")
    for part in ("val", "train"):
        label(folder, "0.5 0.5 2", part)
    assert [sample.image.stem for sample in read_yolo(folder)] == ["train", "val"]


def test_a_file_beside_the_folder_names_it_by_path(folder):
    file = folder.parent / "mine.yaml"
    file.write_text("path: set\ntrain: images/train\nkpt_shape: [1, 3]\n")
    label(folder, "0.5 0.5 2")
    assert len(read_yolo(file)) == 1


def test_folders_of_a_part_with_its_own_labels_are_found(tmp_path, photo):
    photo(tmp_path / "train" / "images" / "a.png")
    (tmp_path / "train" / "labels").mkdir()
    (tmp_path / "train" / "labels" / "a.txt").write_text("0 0.5 0.5 1 1 0.5 0.5 2")
    (tmp_path / "data.yaml").write_text("train: ../train/images\nkpt_shape: [1, 3]\n")
    assert len(read_yolo(tmp_path)) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["kpt_shape: 17"], r"expected kpt_shape \[keypoints, 2 or 3\], got 17"),
        (["kpt_shape: [2, 4]"], "expected kpt_shape"),
        (["kpt_shape: [two, 3]"], "expected kpt_shape"),
        (["kpt_shape: [2, 3]", "kpt_names: [a]"], "expected 2 names in kpt_names"),
        (["kpt_shape: [2, 3]", "flip_idx: [0, 2]"], "expected flip_idx with 0 to 1"),
        (["train: images/none"], "expected a folder of images images/none, found none"),
        (["train: train.txt"], "got the list train.txt"),
        (["kpt_shape: [1, 3"], "expected YAML, got"),
    ],
)
def test_a_description_that_cannot_be_is_an_error_in_one_line(folder, lines, message):
    with pytest.raises(SourceError, match=message) as error:
        read_yolo(describe(folder, *lines))
    assert "\n" not in str(error.value)


def test_a_file_of_another_kind_is_an_error(folder):
    (folder / "data.yaml").write_text("just words")
    with pytest.raises(SourceError, match="expected keys such as train"):
        read_yolo(folder)
