from dataclasses import replace

import numpy as np
import pytest

from blazepose.look import LEFT, RIGHT
from blazepose.skeleton import LSP14
from blazepose.survey.sheet import Tile, contact_sheet, portrait

WRIST = LSP14.index("left_wrist")
GREY = np.full((480, 400, 3), 128, np.uint8)


def count(picture: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((picture == colour).all(axis=-1).sum())


def test_a_portrait_is_a_square_with_both_sides_in_their_colours(person):
    picture = portrait(GREY, person)
    assert picture.shape[0] == picture.shape[1]
    assert count(picture, LEFT) > 50
    assert count(picture, RIGHT) > 50


def test_the_person_s_own_left_is_on_the_right_of_one_who_faces_the_camera(person):
    columns = np.nonzero((portrait(GREY, person) == LEFT).all(axis=-1))[1]
    assert columns.mean() > 120


def test_a_joint_without_label_is_not_drawn(person):
    visible = person.visible.copy()
    visible[[i for i, side in enumerate(LSP14.sides) if side == "left"]] = 0
    points = np.where(visible[:, None] == 0, np.float32(1e6), person.points)
    picture = portrait(GREY, replace(person, visible=visible, points=points))
    assert count(picture, LEFT) == 0
    assert count(picture, RIGHT) > 50


def test_a_person_without_labels_is_shown_in_the_whole_image(person):
    picture = portrait(GREY, replace(person, visible=np.zeros_like(person.visible)))
    assert count(picture, (128, 128, 128)) > 10_000


def test_a_marked_joint_has_a_ring(person):
    assert (portrait(GREY, person, marked=[WRIST]) != portrait(GREY, person)).any()


def test_a_marked_joint_far_outside_is_ringed_at_the_edge(person):
    points = person.points.copy()
    points[WRIST] = [5000, 100]
    picture = portrait(GREY, replace(person, points=points), marked=[WRIST])
    assert (picture != portrait(GREY, replace(person, points=points))).any()


@pytest.mark.parametrize("number", [1, 4, 5, 24])
def test_a_sheet_holds_every_tile(person, number):
    red = np.zeros((240, 240, 3), np.uint8)
    red[..., 0] = 200
    sheet = contact_sheet([Tile(red, ("a", "b"))] * number)
    assert count(sheet, (200, 0, 0)) == number * 240 * 240


def test_a_tile_without_picture_has_its_caption(person):
    sheet = contact_sheet([Tile(None, ("does not open",))])
    assert len(np.unique(sheet.reshape(-1, 3), axis=0)) > 2


def test_a_caption_too_long_stays_in_its_tile():
    wide = contact_sheet([Tile(None, ("W" * 200,))])
    assert (wide[:, -4:] == wide[0, 0]).all()


def test_no_tiles_are_an_error():
    with pytest.raises(ValueError, match="at least one tile, got 0"):
        contact_sheet([])
