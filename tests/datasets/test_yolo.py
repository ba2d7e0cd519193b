from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose.datasets import HIDDEN, UNLABELLED, VISIBLE, read_yolo
from blazepose.errors import SourceError
from blazepose.skeleton import COCO17

# 0.25 and 0.5 of a 200 x 100 image; the nose is visible, the left eye hidden, the rest unlabelled
PERSON = "0 0.5 0.5 0.2 0.4 0.25 0.5 2 0.5 0.25 1" + 15 * " 0 0 0"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("images", "labels"):
        (tmp_path / name).mkdir()
    for stem in ("a", "b"):
        cv2.imwrite(str(tmp_path / "images" / f"{stem}.png"), np.zeros((100, 200, 3), np.uint8))
    return tmp_path


def test_shares_become_pixels_of_the_image(folder: Path):
    (folder / "labels" / "a.txt").write_text(PERSON + "\n")
    (sample,) = read_yolo(folder)
    assert sample.image == folder / "images" / "a.png"
    assert sample.points[:2].tolist() == [[50, 50], [100, 25]]
    np.testing.assert_allclose(sample.box_xyxy, [80, 30, 120, 70], rtol=1e-6)
    assert sample.skeleton is COCO17


def test_visibility_is_taken_over(folder: Path):
    (folder / "labels" / "a.txt").write_text(PERSON)
    (sample,) = read_yolo(folder)
    assert sample.visible[:3].tolist() == [VISIBLE, HIDDEN, UNLABELLED]
    assert sample.labelled.sum() == 2


def test_people_come_by_image_and_line(folder: Path):
    (folder / "labels" / "b.txt").write_text(PERSON)
    (folder / "labels" / "a.txt").write_text(f"{PERSON}\n\n{PERSON}\n")
    assert [sample.image.stem for sample in read_yolo(folder)] == ["a", "a", "b"]


def test_an_image_may_be_empty_of_people(folder: Path):
    (folder / "labels" / "a.txt").write_text("")
    assert read_yolo(folder) == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("0 0.5 0.5 0.2 0.4", "expected 56 numbers per person, got 5"),
        (PERSON.replace("0.25", "x"), "expected numbers, got '0 0.5"),
        (PERSON.replace(" 2 ", " 3 "), "expected visibility 0, 1 or 2"),
    ],
)
def test_a_line_that_is_no_person_is_an_error(folder: Path, line: str, message: str):
    (folder / "labels" / "a.txt").write_text(line)
    with pytest.raises(SourceError, match=message):
        read_yolo(folder)


def test_a_label_without_image_is_an_error(folder: Path):
    (folder / "labels" / "c.txt").write_text(PERSON)
    with pytest.raises(SourceError, match=r"expected an image c\.\*"):
        read_yolo(folder)


def test_a_broken_image_is_an_error(folder: Path):
    (folder / "images" / "a.png").write_bytes(b"no image")
    (folder / "labels" / "a.txt").write_text(PERSON)
    with pytest.raises(SourceError, match="is not an image"):
        read_yolo(folder)


def test_other_files_beside_the_images_are_not_taken_for_images(folder: Path):
    (folder / "images" / "a.npy").write_bytes(b"x")
    (folder / "labels" / "a.txt").write_text(PERSON)
    assert read_yolo(folder)[0].image.suffix == ".png"


def test_a_broken_line_is_told_by_its_number_and_left_out(folder: Path):
    (folder / "labels" / "a.txt").write_text(f"{PERSON}\n\n0 0.5\n{PERSON}\n")
    problems: list[SourceError] = []
    assert len(read_yolo(folder, on_broken=problems.append)) == 2
    assert "a.txt, line 3: expected 56 numbers per person, got 2" in str(problems[0])


def test_a_missing_label_or_image_does_not_end_the_others(folder: Path):
    (folder / "images" / "a.png").write_bytes(b"no image")
    for stem in ("a", "b", "c"):
        (folder / "labels" / f"{stem}.txt").write_text(PERSON)
    problems: list[SourceError] = []
    (sample,) = read_yolo(folder, on_broken=problems.append)
    assert sample.image.stem == "b"
    assert len(problems) == 2


def test_positions_without_a_number_are_told_and_left_out(folder: Path):
    (folder / "labels" / "a.txt").write_text(PERSON.replace(" 0.25 0.5 2", " nan 0.5 2"))
    problems: list[SourceError] = []
    (sample,) = read_yolo(folder, on_broken=problems.append)
    assert "a.txt, line 1: expected finite positions, got none for nose" in str(problems[0])
    assert sample.visible[:2].tolist() == [UNLABELLED, HIDDEN]


def test_parts_in_folders_are_read_together_or_one_by_one(folder: Path):
    for kind, name in (("images", "a.png"), ("labels", "a.txt")):
        (folder / kind / "val").mkdir()
        if kind == "labels":
            (folder / kind / name).write_text(PERSON)
        (folder / kind / name).rename(folder / kind / "val" / name)
    (folder / "labels" / "b.txt").write_text(PERSON)
    assert [sample.image.stem for sample in read_yolo(folder)] == ["b", "a"]
    assert [sample.image.stem for sample in read_yolo(folder / "images" / "val")] == ["a"]


def test_a_missing_folder_is_an_error(tmp_path: Path):
    with pytest.raises(SourceError, match=r"YOLO data set with data\.yaml or images/"):
        read_yolo(tmp_path)


@pytest.mark.shared
def test_coco_mini_labels_lie_in_their_images():
    folder = Path(__file__).parents[3] / "shared" / "data" / "coco-mini"
    if not folder.is_dir():
        pytest.skip("no shared/data/coco-mini beside the checkout")
    samples = read_yolo(folder)
    assert len({sample.image for sample in samples}) == 119
    for sample in samples:
        height, width = cv2.imread(str(sample.image)).shape[:2]
        assert (sample.points >= 0).all()
        assert (sample.points <= [width, height]).all()
