from dataclasses import replace
from pathlib import Path

import pytest
from labelled import Knows, judged, off, person, photos

from blazepose.errors import ModelError
from blazepose.evaluate import Answer, evaluate
from blazepose.skeleton import COCO17


def test_everybody_is_judged_in_the_order_of_the_data_set(tmp_path: Path):
    samples, poses = photos(tmp_path, 3), [off(1), None, off(2)]
    result = judged(samples, poses)
    assert [j.pose for j in result.people] == poses
    assert [j.person for j in result.people] == samples
    assert result.complete
    assert result.ms_per_image == 4


def test_a_broken_image_is_told_and_the_rest_goes_on(tmp_path: Path):
    samples = photos(tmp_path, 3)
    samples[1].image.write_bytes(b"no image")
    result = judged(samples, [off(0)] * 3)
    assert len(result.people) == 2
    assert result.complete
    (problem,) = result.problems
    assert "b.png is not an image" in problem


def test_what_was_judged_before_an_early_end_is_kept(tmp_path: Path):
    seen = []

    def stop_after_two(done: int, total: int) -> bool:
        seen.append((done, total))
        return done == 2

    result = evaluate(
        photos(tmp_path, 4), Knows([off(0)] * 4), joints=("left_hip",), watch=stop_after_two
    )
    assert seen == [(1, 4), (2, 4)]
    assert len(result.people) == 2
    assert not result.complete


def test_people_of_one_image_are_asked_for_at_once(tmp_path: Path):
    first, second = photos(tmp_path, 2)
    asked = []

    def nobody(image: Path, people: tuple) -> Answer:
        asked.append(len(people))
        return Answer([], [None] * len(people))

    samples = [first, second, person(first.image, right=90)]
    evaluate(samples, nobody, joints=("left_hip",))
    assert asked == [2, 1]


def test_somebody_without_a_label_that_counts_is_not_judged(tmp_path: Path):
    samples = photos(tmp_path, 3)
    samples[0].visible[:] = 0
    samples[0] = replace(samples[0], box_xyxy=samples[1].points[[0, 12]].ravel())
    samples[1].visible[:] = 0  # no box either: not even looked at
    result = judged(samples, [off(0)] * 2)
    assert [j.person for j in result.people] == [samples[2]]
    assert len(result.images) == 2


def test_a_skeleton_that_lacks_a_joint_is_an_error(tmp_path: Path):
    samples = photos(tmp_path, 1, skeleton=COCO17)
    with pytest.raises(ModelError, match="poses on lsp14 have nothing for nose, left_eye"):
        judged(samples, [off(0).to("lsp14")])
