import sys

import numpy as np
import pytest

from blazepose.errors import MissingExtraError
from blazepose.metrics import ImagePeople, average_precision

SCATTER = np.full(4, 0.1)
PERSON = np.array([[0, 0], [100, 0], [0, 100], [100, 100]], float)


def image(truth: list[np.ndarray], pred: list[np.ndarray], score: list[float]) -> ImagePeople:
    return ImagePeople(
        truth=np.array(truth).reshape(-1, 4, 2),
        labelled=np.ones((len(truth), 4), bool),
        boxes_xyxy=np.tile([0, 0, 100, 100 / 0.53], (len(truth), 1)),  # an area of 100 x 100
        pred=np.array(pred).reshape(-1, 4, 2),
        score=np.array(score, float),
    )


def off_by(likeness: float) -> np.ndarray:
    """The person shifted so far that its OKS is this."""
    return PERSON + np.array([np.sqrt(-2 * np.log(likeness)) * 0.2 * 100, 0.0])


def test_perfect_people_have_all_of_it():
    both = [PERSON, PERSON + 300]
    result = average_precision([image(both, both, [0.9, 0.8])] * 3, SCATTER)
    averages = [result.ap, result.ap50, result.ap75, result.ar]
    assert averages == pytest.approx([1, 1, 1, 1])


def test_likeness_decides_how_many_thresholds_are_passed():
    result = average_precision([image([PERSON], [off_by(0.72)], [1])], SCATTER)
    assert (result.ap50, result.ap75) == (pytest.approx(1), 0)
    assert (result.ap, result.ar) == (pytest.approx(0.5), 0.5)  # 0.50, 0.55 .. 0.70


def test_half_of_the_people_found_gives_half_of_the_recall():
    result = average_precision([image([PERSON], [PERSON], [1]), image([PERSON], [], [])], SCATTER)
    assert result.ar == pytest.approx(0.5)
    assert result.ap == pytest.approx(51 / 101)  # precision at recall 0, 0.01 .. 0.50


def test_a_ghost_that_is_surer_than_the_person_costs_precision():
    sure, unsure = (
        average_precision([image([PERSON], [PERSON, PERSON + 900], [0.5, score])], SCATTER)
        for score in (0.9, 0.1)
    )
    assert sure.ap == pytest.approx(0.5)
    assert unsure.ap == pytest.approx(1)


def test_unknown_points_lie_far_away():
    gone = np.where(np.arange(4)[:, None] < 2, PERSON, np.nan)
    result = average_precision([image([PERSON], [gone], [1])], SCATTER)
    assert result.ar == pytest.approx(0.1)  # OKS 0.5


def test_somebody_without_labels_is_neither_asked_for_nor_a_ghost():
    both = image([PERSON, PERSON + 30], [PERSON + 30, PERSON], [0.9, 0.1])
    both.labelled[1] = False
    result = average_precision([both], SCATTER)
    assert (result.ap, result.ar) == (pytest.approx(1), 1)


def test_nobody_labelled_is_an_error():
    with pytest.raises(ValueError, match="at least one labelled"):
        average_precision([image([], [PERSON], [1])], SCATTER)


def test_the_library_says_nothing(capsys: pytest.CaptureFixture[str]):
    average_precision([image([PERSON], [PERSON], [1])], SCATTER)
    assert capsys.readouterr().out == ""


def test_a_missing_library_says_which_extra_brings_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'blazepose\[eval\]'"):
        average_precision([image([PERSON], [PERSON], [1])], SCATTER)
