import numpy as np
import pytest

from blazepose.boxes import anchors, decode, iou, scores, sigmoid, weighted_nms


def test_the_pose_detector_has_2254_anchors_in_the_order_of_the_released_solution() -> None:
    centres = anchors()
    assert centres.shape == (2254, 2)
    assert centres[0] == pytest.approx(np.array([0.5, 0.5]) / 28)
    assert (centres[0] == centres[1]).all()  # two anchors in a cell
    assert centres[2] == pytest.approx(np.array([1.5, 0.5]) / 28)  # x first, then y
    assert centres[28 * 28 * 2] == pytest.approx(np.array([0.5, 0.5]) / 14)
    assert (centres[-6:] == centres[-1]).all()  # the three layers of stride 32 share cells
    assert centres[-1] == pytest.approx(np.array([6.5, 6.5]) / 7)


def test_decode_adds_the_anchor_and_turns_centre_and_size_into_corners() -> None:
    raw = np.zeros((1, 12), np.float32)
    raw[0, :6] = 22.4, 44.8, 67.2, 89.6, 112, -112
    place = decode(raw, np.array([[0.5, 0.25]], np.float32))[0]
    centre, half = np.array([0.6, 0.45]), np.array([0.15, 0.2])
    assert place[0] == pytest.approx(centre - half)
    assert place[1] == pytest.approx(centre + half)
    assert place[2] == pytest.approx([1.0, -0.25])
    assert place[3] == pytest.approx([0.5, 0.25])


def test_scores_do_not_overflow() -> None:
    assert scores(np.array([-1e9, 0, 1e9], np.float32)) == pytest.approx([0, 0.5, 1])


def test_sigmoid_keeps_float32() -> None:
    assert sigmoid(np.array([-200.0, 200.0], np.float32)).dtype == np.float32


def test_iou_of_half_overlapping_equal_and_distant_boxes() -> None:
    box = np.array([0, 0, 2, 2], np.float32)
    others = np.array([[1, 0, 3, 2], [0, 0, 2, 2], [5, 5, 6, 6], [1, 1, 1, 1]], np.float32)
    assert iou(box, others) == pytest.approx([1 / 3, 1, 0, 0])


def test_overlapping_candidates_merge_weighted_by_score_and_distant_ones_stay() -> None:
    places = np.zeros((3, 6, 2), np.float32)
    places[0, :2] = [[0.0, 0.0], [0.4, 0.4]]
    places[1, :2] = [[0.1, 0.0], [0.5, 0.4]]
    places[2, :2] = [[0.8, 0.8], [0.9, 0.9]]
    places[1, 2:] = 1
    people = weighted_nms(places, np.array([0.6, 0.9, 0.7], np.float32))
    assert [score for _, score in people] == pytest.approx([0.9, 0.7])
    assert people[0][0][0, 0] == pytest.approx(0.1 * 0.9 / 1.5)
    assert people[0][0][2:] == pytest.approx(np.full((4, 2), 0.6))
    assert people[1][0] == pytest.approx(places[2])


def test_empty_boxes_end_up_as_people_of_their_own() -> None:
    assert len(weighted_nms(np.zeros((4, 6, 2), np.float32), np.ones(4, np.float32))) == 4


def test_nobody_is_nobody() -> None:
    assert weighted_nms(np.zeros((0, 6, 2), np.float32), np.zeros(0, np.float32)) == []
