from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import HIDDEN, UNLABELLED, Sample
from blazepose.errors import TrainingError
from blazepose.roi import circle, from_box, from_keypoints
from blazepose.skeleton import BLAZEPOSE33, COCO17, LSP14, Skeleton
from blazepose.train.examples import Example, examples

LEFT_WRIST, RIGHT_WRIST, NOSE = (
    BLAZEPOSE33.index(name) for name in ("left_wrist", "right_wrist", "nose")
)


def moved(sample: Sample, name: str, by: tuple[float, float]) -> Sample:
    points = sample.points.copy()
    points[sample.skeleton.index(name)] += np.array(by, np.float32)
    return replace(sample, points=points)


def marked(sample: Sample, code: int, *names: str) -> Sample:
    visible = sample.visible.copy()
    visible[[sample.skeleton.index(name) for name in names]] = code
    return replace(sample, visible=visible)


def blank(image: Path, box_xyxy: np.ndarray | None = None) -> Sample:
    """Somebody without any label."""
    codes = np.full(33, UNLABELLED, np.uint8)
    return Sample(image, np.zeros((33, 2), np.float32), codes, box_xyxy, BLAZEPOSE33)


def test_labels_override_the_lesson_point_by_point(people, lessons) -> None:
    taught = lessons()
    sample = moved(marked(people()[0], UNLABELLED, "right_wrist"), "left_wrist", (5, -3))
    (example,) = examples([sample], BLAZEPOSE33, lessons=taught)
    wrist = sample.points[LSP14.index("left_wrist")]
    assert example.points[LEFT_WRIST, :2] == pytest.approx(wrist)
    assert example.trust[LEFT_WRIST].tolist() == [1, 0.5]  # depth is still the teacher's
    assert example.points[LEFT_WRIST, 2] == taught.points[0, LEFT_WRIST, 2]
    for row in (RIGHT_WRIST, NOSE):
        assert example.points[row] == pytest.approx(taught.points[0, row])
        assert example.trust[row].tolist() == [0.5, 0.5]
    assert example.world == pytest.approx(np.pad(taught.world[0], ((0, 6), (0, 0))))
    assert example.world_trust[:33].tolist() == [0.5] * 33


@pytest.mark.parametrize("doubt", ["elsewhere", "unsteady", "unseen"])
def test_a_lesson_in_doubt_is_not_believed(people, lessons, doubt: str) -> None:
    taught = lessons()
    if doubt == "elsewhere":
        taught.points[0, :, 0] += 60
    elif doubt == "unsteady":
        taught.spread[0] = 0.1
    else:
        for values in vars(taught).values():
            values[:] = np.nan
    (example,) = examples(people(), BLAZEPOSE33, lessons=taught)
    (alone,) = examples(people(), BLAZEPOSE33)
    for name, values in vars(alone).items():
        assert np.all(getattr(example, name) == values), name
    assert not example.trust[NOSE].any()
    assert not example.world_trust.any()


def test_a_few_labels_off_do_not_discredit_a_lesson(people, lessons) -> None:
    sample = moved(moved(people()[0], "left_ankle", (80, 0)), "left_knee", (60, 0))
    (example,) = examples([sample], BLAZEPOSE33, lessons=lessons())
    assert example.trust[NOSE, 0] == 0.5


def test_left_stays_left(people) -> None:
    (sample,) = people()
    (example,) = examples([sample], BLAZEPOSE33)
    for name in sorted(set(LSP14.names) & set(BLAZEPOSE33.names)):
        row = BLAZEPOSE33.index(name)
        assert example.points[row, :2] == pytest.approx(sample.points[LSP14.index(name)])
        assert example.trust[row].tolist() == [1, 0]
    assert example.points[LEFT_WRIST, 0] > example.points[RIGHT_WRIST, 0]  # faces the camera


def test_a_derived_point_is_known_where_all_its_parts_are(people) -> None:
    neck = LSP14.index("neck")
    (whole,) = people(skeleton=COCO17)
    shoulders = [COCO17.index(f"{side}_shoulder") for side in ("left", "right")]
    (example,) = examples([whole], LSP14)
    assert example.points[neck, :2] == pytest.approx(whole.points[shoulders].mean(axis=0))
    assert (example.trust[neck, 0], example.visible[neck]) == (1, 1)
    (hidden,) = examples([marked(whole, HIDDEN, "left_shoulder")], LSP14)
    assert (hidden.trust[neck, 0], hidden.visible[neck], hidden.visible_trust[neck]) == (1, 0, 1)
    (half,) = examples([marked(whole, UNLABELLED, "left_shoulder")], LSP14)
    assert (half.trust[neck, 0], half.visible_trust[neck]) == (0, 0)


def test_a_network_with_39_rows_learns_the_circle_of_the_next_region(people, lessons) -> None:
    (sample,) = people()
    (example,) = examples([sample], BLAZEPOSE33)
    assert example.points.shape == (39, 3)
    assert example.points[33:35, :2] == pytest.approx(circle(example.roi))
    assert example.trust[33:35, 0].tolist() == [1, 1]
    assert not example.trust[35:].any()
    taught = lessons()
    taught.points[0, -2:, :2] += 3
    (example,) = examples([sample], BLAZEPOSE33, lessons=taught)
    assert example.points[33:35, :2] == pytest.approx(taught.points[0, -2:, :2])
    (box_only,) = examples([blank(sample.image, np.float32([20, 10, 80, 170]))], BLAZEPOSE33)
    assert not box_only.trust.any()
    assert examples([sample], LSP14)[0].points.shape == (14, 3)


def test_the_region_is_that_of_alignment_and_else_that_of_the_box(people) -> None:
    (sample,) = people()
    assert examples([sample], LSP14)[0].roi == from_keypoints(sample.points, sample.labelled, LSP14)
    box_xyxy = np.float32([20, 10, 80, 170])
    legs = marked(sample, UNLABELLED, "left_shoulder", "right_shoulder", "neck")
    assert examples([replace(legs, box_xyxy=box_xyxy)], LSP14)[0].roi == from_box(box_xyxy)


def test_nobody_usable_is_an_error(people) -> None:
    with pytest.raises(TrainingError, match="got 1 people and none of them usable"):
        examples([blank(people()[0].image)], BLAZEPOSE33)
    with pytest.raises(TrainingError, match="got 0 people"):
        examples([], BLAZEPOSE33)


def test_a_skeleton_without_a_common_point_is_an_error(people) -> None:
    hand = Skeleton("hand2", ("left_tip", "right_tip"), ())
    with pytest.raises(TrainingError, match="lsp14 cannot be mapped to hand2"):
        examples(people(), hand)


def test_of_a_photo_without_labels_a_sure_lesson_tells_all(people, lessons) -> None:
    taught = lessons(2)
    taught.score[1] = 0.8  # not sure enough
    photos = [blank(sample.image) for sample in people(2)]
    (example,) = examples(photos, BLAZEPOSE33, lessons=taught)
    assert example.image == photos[0].image
    assert example.trust[:33].tolist() == [[0.5, 0.5]] * 33
    assert example.visible[:33].tolist() == [0.75] * 33
    assert example.roi.center_xy == pytest.approx((100, 90))


def test_a_teacher_without_depth_teaches_no_depth(people, lessons) -> None:
    taught = lessons()
    taught.points[:, :33, 2] = taught.world[:] = np.nan
    (example,) = examples(people(), BLAZEPOSE33, lessons=taught)
    assert example.trust[NOSE].tolist() == [0.5, 0]
    assert not example.world_trust.any()
    assert _finite(example)


def _finite(example: Example) -> bool:
    arrays = [values for values in vars(example).values() if isinstance(values, np.ndarray)]
    return all(np.isfinite(values).all() for values in arrays)
