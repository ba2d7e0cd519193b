import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from scripted import Seen

from blazepose.compat.engine import Engine, normalized_rows, world_rows
from standing import standing_pose

IMAGE = np.zeros((480, 400, 3), np.uint8)


def scored(*scores: float) -> list[list]:
    return [[replace(standing_pose(person_id=1), score=score)] for score in scores]


def test_somebody_is_taken_up_at_one_score_and_kept_down_to_another(seen: Seen) -> None:
    engine = Engine("full", still=False, found_at=0.9, kept_at=0.7)
    seen.answers = scored(0.8, 0.95, 0.8, 0.65, 0.8)
    assert [len(engine(IMAGE)) for _ in range(5)] == [0, 1, 1, 0, 0]


def test_somebody_is_as_good_as_new_after_a_reset(seen: Seen) -> None:
    engine = Engine("full", still=False, found_at=0.9, kept_at=0.7)
    seen.answers = scored(0.95, 0.8)
    assert engine(IMAGE)
    engine.reset()
    assert not engine(IMAGE)
    assert seen.resets == 1


def test_in_photos_everybody_is_new(seen: Seen) -> None:
    engine = Engine("full", still=True, people=3, found_at=0.9, kept_at=0.1)
    seen.answers = scored(0.95, 0.8)
    assert [len(engine(IMAGE)) for _ in range(2)] == [1, 0]
    assert seen.options["Estimator"]["people"] == 3


def test_threads_take_turns(seen: Seen) -> None:
    """And times are given in the order in which pictures are looked at."""

    def look(image: np.ndarray) -> list:
        nonlocal inside
        inside += 1
        time.sleep(0.002)
        assert inside == 1
        inside -= 1
        times.append(image.time_s)
        return []

    inside, times, clock = 0, list[float](), itertools.count(1)
    engine = Engine("full", still=False)
    engine._look = look
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: engine(IMAGE, lambda: next(clock) / 30), range(24)))
    assert times == [number / 30 for number in range(1, 25)]


def test_up_to_one_half_the_search_itself_decides(seen: Seen) -> None:
    seen.answers = scored(0.4)
    assert Engine("full", still=True, found_at=0.5)(IMAGE)


@pytest.mark.parametrize("options", [{"people": 0}, {"found_at": 1.1}, {"kept_at": -0.1}])
def test_what_cannot_be_is_refused(seen: Seen, options: dict) -> None:
    with pytest.raises(ValueError, match="got"):
        Engine("full", still=False, **options)


def test_places_are_parts_of_the_image_and_depth_is_a_part_of_its_width() -> None:
    pose = standing_pose(center_xy=(100.0, 240.0), px_per_m=200.0)
    rows = normalized_rows(pose, (400, 480))
    assert rows.shape == (33, 5)
    assert rows[[23, 24], :2].mean(axis=0) == pytest.approx([0.25, 0.5])
    assert rows[:, 2] == pytest.approx(pose.points[:, 2] / 400)
    assert rows[:, 3:] == pytest.approx(1)
    assert world_rows(pose)[:, :3] == pytest.approx(pose.world)
