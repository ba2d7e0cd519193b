from dataclasses import replace

import numpy as np
import pytest

from blazepose.look import CENTRE, LEFT, RIGHT
from blazepose.skeleton import LSP14
from blazepose.train import pictures
from blazepose.train.augment import Crop, cut_out
from blazepose.train.examples import examples
from blazepose.train.pictures import prediction_sheet, telling_rows, training_sheet
from blazepose.train.validate import Validation

SCALE = 240 / 256  # px of a tile for one of a crop
CORNER = (6, 6 + 26)  # of the first tile, x and y
GREY = np.full((256, 256, 3), 90, np.uint8)


@pytest.fixture
def crop(people) -> Crop:
    """A grey crop of a person who is labelled in every keypoint."""
    (example,) = examples(people(1), LSP14)
    return replace(cut_out(example, np.zeros((180, 200, 3), np.uint8), example.roi), image=GREY)


def colour_at(sheet: np.ndarray, xy: np.ndarray, *, tile: int = 0) -> np.ndarray:
    x, y = np.floor(xy * SCALE).astype(int) + CORNER + np.array([246 * tile, 0])
    return sheet[y, x].astype(int)


def is_like(colour: np.ndarray, other: tuple[int, int, int]) -> bool:
    return bool(np.abs(colour - other).max() < 40)


def validation(found: np.ndarray, truth: np.ndarray, known: np.ndarray | None = None) -> Validation:
    known = np.ones(found.shape[:2], bool) if known is None else known
    return Validation({}, list(range(len(found))), found, truth, known)


def test_labelled_keypoints_are_discs_in_the_colour_of_their_side(crop: Crop):
    sheet = training_sheet([crop], ["a.png"], LSP14)
    assert is_like(colour_at(sheet, crop.points[LSP14.index("left_wrist"), :2]), LEFT)
    assert is_like(colour_at(sheet, crop.points[LSP14.index("right_ankle"), :2]), RIGHT)


def test_taught_keypoints_have_a_white_core(crop: Crop):
    taught = replace(crop, trust=crop.trust * np.float32(0.5))
    sheet = training_sheet([taught], ["a.png"], LSP14)
    assert is_like(colour_at(sheet, crop.points[LSP14.index("left_wrist"), :2]), CENTRE)


def test_hidden_keypoints_are_crossed_out(crop: Crop):
    hidden = replace(crop, visible=np.zeros_like(crop.visible))
    sheet = training_sheet([hidden], ["a.png"], LSP14)
    wrist = crop.points[LSP14.index("left_wrist"), :2]
    assert colour_at(sheet, wrist).max() < 80


def test_unknown_keypoints_and_nobody_leave_the_crop_as_it_is(crop: Crop):
    nobody = replace(crop, trust=np.zeros_like(crop.trust), presence=np.float32(0))
    sheet = training_sheet([nobody], ["a.png"], LSP14)
    assert (sheet[CORNER[1] : CORNER[1] + 240, CORNER[0] : CORNER[0] + 240] == 90).all()


def test_keypoints_far_outside_of_the_crop_do_no_harm(crop: Crop):
    points = crop.points.copy()
    points[LSP14.index("left_wrist")] *= np.float32(1e9)
    sheet = training_sheet([replace(crop, points=points)], ["a.png"], LSP14)
    assert is_like(colour_at(sheet, points[LSP14.index("right_ankle"), :2]), RIGHT)


def test_people_are_shown_as_labelled_and_as_found(crop: Crop):
    truth = crop.points[None, :14, :2]
    sheet = prediction_sheet([GREY], ["a.png"], validation(truth + 1, truth), [0], LSP14)
    wrist = LSP14.index("left_wrist")
    assert is_like(colour_at(sheet, truth[0, wrist]), LEFT)
    assert is_like(colour_at(sheet, truth[0, wrist] + 1, tile=1), CENTRE)


@pytest.mark.parametrize(("right", "line"), [(10.0, False), (60.0, True)])
def test_a_line_leads_from_a_keypoint_that_is_far_off_to_its_label(
    crop: Crop, right: float, line: bool
):
    truth = crop.points[None, :14, :2]
    found = truth.copy()
    crown = LSP14.index("head_top")
    found[0, crown, 0] += right
    sheet = prediction_sheet([GREY], ["a.png"], validation(found, truth), [0], LSP14)
    between = truth[0, crown] + np.float32([30, 0])
    assert is_like(colour_at(sheet, between, tile=1), pictures._ASTRAY) is line


def test_the_worst_come_first_then_some_from_everywhere():
    truth = np.zeros((12, 14, 2), np.float32)
    found = truth + np.arange(12, dtype=np.float32)[:, None, None]
    rows = telling_rows(validation(found, truth), count=6)
    assert rows[:2] == [11, 10]
    assert rows[2] == 9
    assert rows[-1] == 0
    assert len(set(rows)) == 6


def test_people_without_labels_are_not_told_of():
    truth = np.zeros((3, 14, 2), np.float32)
    known = np.ones((3, 14), bool)
    known[1] = False
    assert sorted(telling_rows(validation(truth, truth, known), count=12)) == [0, 2]
