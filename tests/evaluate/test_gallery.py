from pathlib import Path

import numpy as np
from labelled import TORSO, off, photos, scored

from blazepose.evaluate import gallery
from blazepose.look import LEFT, RIGHT
from blazepose.skeleton import COCO17

WRISTS = ("left_wrist", "right_wrist")


def coloured(image: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    return np.abs(image.astype(int) - colour).max(axis=-1) < 12


def has_colour(image: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(coloured(image, colour).any())


def test_the_worst_come_first_and_the_middle_is_the_middle(tmp_path: Path):
    poses = [off(0), off(0.3 * TORSO), off(0.3 * TORSO, joints=WRISTS), None, off(1)]
    scores = scored(photos(tmp_path, 5), poses)
    assert gallery.worst(scores, 3) == [3, 1, 2]
    assert gallery.median(scores, 1) == [2]
    assert gallery.median(scores, 9) == [3, 1, 2, 4, 0]


def test_people_not_found_leave_room_for_others(tmp_path: Path):
    scores = scored(
        photos(tmp_path, 5), [None, None, off(0.3 * TORSO, joints=WRISTS), None, off(1)]
    )
    assert gallery.worst(scores, 3) == [0, 2, 4]


def test_people_without_a_torso_are_not_ranked(tmp_path: Path):
    samples = photos(tmp_path, 2, skeleton=COCO17)
    samples[0].visible[COCO17.index("right_hip")] = 0
    assert gallery.worst(scored(samples, [off(0), off(0)]), 5) == [1]


def test_a_picture_has_the_label_left_and_what_was_found_right(tmp_path: Path):
    image = gallery.picture(scored(photos(tmp_path, 1), [off(0)]), 0)
    label, found = image[:, :320], image[:, 326:]
    assert image.shape == (320, 646, 3)
    for half in (label, found):
        assert has_colour(half, LEFT)
        assert has_colour(half, RIGHT)
        assert not has_colour(half, gallery.ASTRAY)


def test_a_line_leads_from_wrong_keypoints_to_their_labels(tmp_path: Path):
    image = gallery.picture(scored(photos(tmp_path, 1), [off(60, joints=WRISTS)]), 0)
    assert not has_colour(image[:, :320], gallery.ASTRAY)
    assert has_colour(image[:, 326:], gallery.ASTRAY)


def test_nothing_is_drawn_for_somebody_not_found(tmp_path: Path):
    image = gallery.picture(scored(photos(tmp_path, 1), [None]), 0)
    assert not has_colour(image[:, 326:], LEFT)


def test_points_that_another_system_left_out_are_not_drawn(tmp_path: Path):
    pose = off(0)
    pose.points[:] = np.nan
    image = gallery.picture(scored(photos(tmp_path, 1), [pose]), 0)
    assert not has_colour(image[:, 326:], LEFT)
    assert not has_colour(image[:, 326:], gallery.ASTRAY)


def test_a_pose_far_away_does_not_shrink_the_person(tmp_path: Path):
    samples = photos(tmp_path, 1)
    pictures = [gallery.picture(scored(samples, [pose]), 0) for pose in (None, off(9e3))]
    near, far = (np.ptp(np.nonzero(coloured(image[:, :320], LEFT))[0]) for image in pictures)
    assert far > 0.5 * near
