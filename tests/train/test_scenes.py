import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose.errors import SourceError
from blazepose.train.scenes import CROWD, MOST, PERSON, Picture, Scene, Scenes, read_pictures

SIZE = 224


@pytest.fixture
def pictures(tmp_path: Path) -> list[Picture]:
    """Two pictures of 300x200 px, each with a white person of 40x100 px on grey."""
    made = []
    for name, x in (("a", 60), ("b", 200)):
        image = np.full((200, 300, 3), 90, np.uint8)
        image[50:150, x : x + 40] = 255
        cv2.imwrite(str(tmp_path / f"{name}.png"), image)
        box = np.float32([[x, 50, x + 40, 150]])
        points = np.float32([[[x + 20, 100], [x + 20, 40], [x + 20, 70]]])
        no, yes = np.zeros(1, bool), np.ones(1, bool)
        made.append(Picture(tmp_path / f"{name}.png", box, points, yes, no))
    return made


def white(scene: Scene) -> np.ndarray:
    """The box round what is white, xyxy."""
    y, x = np.nonzero(scene.image.min(axis=2) > 200)
    return np.array([x.min(), y.min(), x.max() + 1, y.max() + 1])


def test_a_picture_as_it_is_stands_in_a_square_with_its_person_in_the_box(
    pictures: list[Picture],
) -> None:
    scene = Scenes(pictures, size=SIZE, varied=False)[0, 0, 0]
    assert scene.image.shape == (SIZE, SIZE, 3)
    assert scene.kind.tolist() == [PERSON] + [0] * (MOST - 1)
    assert scene.boxes[0] == pytest.approx(white(scene), abs=1.5)
    assert scene.points[0, 0] == pytest.approx(scene.boxes[0].reshape(2, 2).mean(axis=0), abs=0.1)


def test_varied_scenes_are_the_same_in_every_run_and_keep_boxes_on_people(
    pictures: list[Picture],
) -> None:
    scenes = Scenes(pictures, size=SIZE)
    people = 0
    for number in range(40):
        scene, again = scenes[7, number, 0], scenes[7, number, 0]
        assert np.array_equal(scene.image, again.image)
        for box in scene.boxes[scene.kind == PERSON]:
            assert (box >= 0).all()
            assert (box <= SIZE).all()
            x, y = box.reshape(2, 2).mean(axis=0).astype(int).clip(0, SIZE - 1)
            people += int(scene.image[y, x].mean() > 60)
    assert people > 30


def test_who_is_mostly_cut_off_is_neither_a_person_nor_none(tmp_path: Path) -> None:
    image = np.full((100, 100, 3), 90, np.uint8)
    cv2.imwrite(str(tmp_path / "a.png"), image)
    boxes = np.float32([[-80, 10, 20, 90], [10, 10, 60, 90]])
    points = np.zeros((2, 3, 2), np.float32)
    flags = np.zeros(2, bool)
    picture = Picture(tmp_path / "a.png", boxes, points, flags, flags)
    scene = Scenes([picture], size=SIZE, varied=False)[0, 0, 0]
    assert sorted(scene.kind[:2].tolist()) == [CROWD, PERSON]
    assert scene.boxes[scene.kind == CROWD][0, 0] == 0


def test_labels_come_from_a_coco_file(tmp_path: Path) -> None:
    person = {
        **{"id": 0, "image_id": 3, "category_id": 1, "iscrowd": 0},
        **{"bbox": [10, 20, 30, 40], "keypoints": [25, 40, 2, 25, 10, 2, 25, 30, 2]},
    }
    crowd = {**person, "iscrowd": 1, "keypoints": [0] * 9}
    content = {
        "images": [{"id": 3, "file_name": "../x.jpg"}, {"id": 4, "file_name": "y.jpg"}],
        "annotations": [person, crowd],
        "categories": [],
    }
    (tmp_path / "labels.json").write_text(json.dumps(content))
    full, empty = read_pictures(tmp_path / "labels.json")
    assert full.boxes_xyxy.tolist() == [[10, 20, 40, 60]] * 2
    assert full.known.tolist() == [True, False]
    assert full.crowd.tolist() == [False, True]
    assert empty.boxes_xyxy.shape == (0, 4)


@pytest.mark.parametrize("text", ["", "{}", '{"images": [{}], "annotations": []}'])
def test_a_file_without_people_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(SourceError, match=r"labels\.json: expected people with alignment points"):
        read_pictures(tmp_path / "labels.json")
