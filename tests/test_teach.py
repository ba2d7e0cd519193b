from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import blazepose as bp
from blazepose.datasets import UNLABELLED, VISIBLE, Lessons, Sample
from blazepose.errors import ModelError, SourceError
from blazepose.nets.build import build
from blazepose.skeleton import BLAZEPOSE33, LSP14
from blazepose.teach import lessons_name, teach
from blazepose.video import write_image
from blazepose.weights import store
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """One with a person in it, of whom the network sees all limbs."""
    with bp.frames(store.path("demo")) as clip:
        return next(frame for frame in clip if frame.index == 60).image


@pytest.fixture(scope="module")
def person(picture: np.ndarray) -> bp.Pose:
    """Whom the tracker finds there."""
    (found,) = bp.Tracker("lite", threads=1, precision="float32")(picture)
    return found


@pytest.fixture
def labelled(tmp_path: Path, picture: np.ndarray, person: bp.Pose) -> Sample:
    """The person with the labels of LSP."""
    write_image(tmp_path / "person.png", picture)
    points = person.to("lsp14").points[:, :2]
    return Sample(tmp_path / "person.png", points, np.full(14, VISIBLE, np.uint8), None, LSP14)


def unlabelled(image: Path) -> Sample:
    codes = np.full(33, UNLABELLED, np.uint8)
    return Sample(image, np.zeros((33, 2), np.float32), codes, None, BLAZEPOSE33)


def taught(samples: list[Sample], path: Path) -> Lessons:
    return teach(samples, path, teacher="lite")


def test_the_teacher_sees_the_person_that_is_labelled(
    labelled: Sample, person: bp.Pose, tmp_path: Path
) -> None:
    lesson = taught([labelled], tmp_path / "taught.npz")
    gap = np.linalg.norm((lesson.points[0, :33] - person.points)[:, :2], axis=1)
    assert np.median(gap) < 0.03 * person.roi.size
    assert lesson.score[0] > 0.9
    assert 0 < lesson.spread[0] < 0.04
    limbs = np.linalg.norm(lesson.world[0] - person.world, axis=1)
    assert np.median(limbs) < 0.15
    assert Lessons.read(tmp_path / "taught.npz").given.tolist() == [True]


def test_the_lesson_in_the_mirror_is_the_mirrored_lesson(
    labelled: Sample, picture: np.ndarray, tmp_path: Path
) -> None:
    width = picture.shape[1]
    write_image(tmp_path / "mirror.png", np.ascontiguousarray(picture[:, ::-1]))
    points = labelled.points[LSP14.mirror] * [-1, 1] + [width, 0]
    mirrored = Sample(
        tmp_path / "mirror.png", points.astype(np.float32), labelled.visible, None, LSP14
    )
    lesson = taught([labelled, mirrored], tmp_path / "taught.npz")
    swap = np.array([*BLAZEPOSE33.mirror, 33, 34])
    aside = np.float32([-1, 1, 1])
    expected = lesson.points[0, swap] * aside + np.float32([width, 0, 0])
    assert lesson.points[1] == pytest.approx(expected, abs=0.1)
    assert lesson.world[1] == pytest.approx(lesson.world[0, swap[:33]] * aside, abs=1e-3)
    assert lesson.visibility[1] == pytest.approx(lesson.visibility[0, swap[:33]], abs=1e-3)
    assert lesson.spread[1] == pytest.approx(lesson.spread[0], rel=1e-2)


def test_in_a_photo_without_labels_the_person_is_looked_for(
    picture: np.ndarray, person: bp.Pose, tmp_path: Path
) -> None:
    left = int(person.roi.center_xy[0] - person.roi.size / 2)  # somebody larger is there
    write_image(tmp_path / "alone.png", np.ascontiguousarray(picture[:, left:]))
    write_image(tmp_path / "nobody.png", np.full((200, 200, 3), 90, np.uint8))
    photos = [unlabelled(tmp_path / "alone.png"), unlabelled(tmp_path / "nobody.png")]
    lesson = taught(photos, tmp_path / "taught.npz")
    expected = person.points[:, :2] - [left, 0]
    gap = np.linalg.norm(lesson.points[0, :33, :2] - expected, axis=1)
    assert np.median(gap) < 0.03 * person.roi.size
    assert lesson.score[0] > 0.9
    assert not lesson.score[1] > 0.5


def test_who_has_a_box_alone_is_looked_at_in_it(
    labelled: Sample, picture: np.ndarray, person: bp.Pose, tmp_path: Path
) -> None:
    """Two of the same person side by side: each box has its own lesson."""
    write_image(tmp_path / "two.png", np.concatenate([picture, picture], axis=1))
    low, high = person.points[:, :2].min(axis=0), person.points[:, :2].max(axis=0)
    box, aside = np.concatenate([low, high]), np.array([picture.shape[1], 0], np.float32)
    blank = unlabelled(tmp_path / "two.png")
    boxed = [replace(blank, box_xyxy=(box + np.tile(k * aside, 2)).astype("f4")) for k in (0, 1)]
    lesson = taught(boxed, tmp_path / "taught.npz")
    for k in (0, 1):
        gap = lesson.points[k, :33, :2] - person.points[:, :2] - k * aside
        assert np.median(np.linalg.norm(gap, axis=1)) < 0.03 * person.roi.size
        assert lesson.score[k] > 0.9


def test_a_broken_image_is_reported_and_the_others_are_taught(
    labelled: Sample, tmp_path: Path, caplog
) -> None:
    lesson = taught([unlabelled(tmp_path / "lost.png"), labelled], tmp_path / "taught.npz")
    assert lesson.given.tolist() == [False, True]
    assert "lost.png" in caplog.text


def test_lessons_that_were_broken_off_go_on_where_they_were(
    labelled: Sample, tmp_path: Path
) -> None:
    path, samples = tmp_path / "taught.npz", [labelled] * 3
    whole = taught(samples, tmp_path / "whole.npz")
    with pytest.raises(KeyboardInterrupt):
        teach(samples, path, teacher="lite", progress=_stop)
    assert Lessons.read(path).given.tolist() == [True, False, False]
    done: list[int] = []
    lesson = teach(samples, path, teacher="lite", progress=lambda i, _: done.append(i))
    assert done == [2, 3]
    for name, values in vars(whole).items():
        assert np.array_equal(getattr(lesson, name), values), name


def _stop(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_finished_lessons_are_not_given_again(labelled: Sample, tmp_path: Path) -> None:
    path = tmp_path / "taught.npz"
    first = taught([labelled], path)
    again = teach([labelled], path, teacher="no such teacher", progress=_stop)
    assert np.array_equal(again.points, first.points)


def test_lessons_on_other_people_are_an_error(labelled: Sample, tmp_path: Path) -> None:
    Lessons.blank(2).write(tmp_path / "taught.npz")
    with pytest.raises(SourceError, match="expected lessons on 1 people, got 2"):
        taught([labelled], tmp_path / "taught.npz")


def test_a_teacher_of_other_points_is_an_error(labelled: Sample, tmp_path: Path) -> None:
    torch.manual_seed(0)
    own = tmp_path / "own.safetensors"
    save_checkpoint(Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14), LSP14), own)
    with pytest.raises(ModelError, match=r"expected a teacher with the 33 points .* lsp14"):
        teach([labelled], tmp_path / "taught.npz", teacher=str(own))
    assert not (tmp_path / "taught.npz").exists()


def test_lessons_are_named_after_teacher_people_and_their_labels(labelled: Sample) -> None:
    box = np.array([1, 2, 30, 40], np.float32)
    samples = [labelled, replace(labelled, box_xyxy=box), replace(labelled, box_xyxy=box + 1)]
    names = [lessons_name("lite", [sample]) for sample in samples]
    assert len({*names, lessons_name("full", [labelled]), lessons_name("lite", samples)}) == 5
    assert lessons_name("lite", [labelled]) == names[0]


def test_lessons_on_another_picture_of_the_same_name_are_others(
    labelled: Sample, tmp_path: Path
) -> None:
    picture = tmp_path / "0001.jpg"
    names = []
    for content in (b"one", b"other"):
        picture.write_bytes(content)
        names.append(lessons_name("lite", [replace(labelled, image=picture)]))
    assert names[0] != names[1]
