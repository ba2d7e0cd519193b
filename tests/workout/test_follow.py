import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blazepose.errors import SourceError
from blazepose.pose import Pose
from blazepose.workout import Request, replay
from blazepose.workout.follow import Follower
from motion import Camera, Frames, Plan, aside, exercise, film, squat, write

STANDING = film(lambda _: squat(0), 4, camera=Camera(), fps=10)
SQUATS = exercise("squat", Plan((1, 1)), camera=Camera(20), fps=10)


def _named(frames: Frames, id: int) -> list[Pose]:
    return [replace(pose, id=id) for _, pose in frames if pose]


def _followed(follower: Follower, moments: list[list[Pose]]) -> list[int]:
    poses = [follower(people, index / 10) for index, people in enumerate(moments)]
    return [pose.id if pose else 0 for pose in poses]


def test_the_largest_is_followed_and_stays_followed() -> None:
    near, far = _named(STANDING, 1), _named(aside(STANDING, right_px=900, scale=0.5), 2)
    larger = _named(aside(STANDING, right_px=-2000, scale=3), 3)
    moments = [[far[0], near[0]]] * 3 + [[near[0], larger[0]]] * 3
    assert _followed(Follower(), moments) == [1] * 6


def test_somebody_else_is_followed_only_after_a_while() -> None:
    one, other = _named(STANDING, 1)[0], _named(aside(STANDING, right_px=1500), 2)[0]
    ids = _followed(Follower(), [[one, other]] * 2 + [[other]] * 15)
    assert ids == [1, 1, *[0] * 9, *[2] * 6]


def test_who_is_found_again_in_the_same_place_is_the_same_person() -> None:
    one, again = _named(STANDING, 1)[0], _named(aside(STANDING, right_px=40), 5)[0]
    follower = Follower()
    assert _followed(follower, [[one], [], [again], [again]]) == [1, 0, 5, 5]
    assert list(follower.followed) == [1, 5]
    assert follower.others == []


def test_who_merely_passes_is_not_worth_a_word() -> None:
    one, other = _named(STANDING, 1)[0], _named(aside(STANDING, right_px=900, scale=0.5), 2)[0]
    follower = Follower()
    _followed(follower, [[one, other]] + [[one]] * 9)
    assert follower.others == []


def test_points_that_are_nowhere_are_no_harm() -> None:
    lost = _named(STANDING, 1)[0]
    lost.points[:] = np.nan
    assert _followed(Follower(), [[lost], [lost, *_named(SQUATS, 2)[:1]]]) == [1, 1]


def test_of_two_people_the_larger_is_coached_and_the_other_by_id(tmp_path: Path) -> None:
    small = aside(film(lambda _: squat(0), len(SQUATS) / 10, camera=Camera(), fps=10), scale=0.5)
    file = write(tmp_path / "poses.jsonl", small, SQUATS)
    larger = replay(file, Request("squat"))
    assert larger.people == (2,)
    assert larger.analysis.repetitions == 2
    assert "this is person 2, the largest; others: 1 (--id)" in larger.analysis.notices[0]
    chosen = replay(file, Request("squat", person=1))
    assert chosen.analysis.repetitions == 0
    with pytest.raises(SourceError, match="expected somebody with id 7, found: 1, 2"):
        replay(file, Request("squat", person=7))


def test_a_camera_that_does_not_say_its_rate_is_coached_from_its_poses(tmp_path: Path) -> None:
    file = write(tmp_path / "poses.jsonl", exercise("squat", Plan((1,)), camera=Camera(), fps=10))
    header, *lines = file.read_text().splitlines()
    told = json.loads(header) | {"fps": None}
    file.write_text("\n".join([json.dumps(told), *lines]))
    assert replay(file, Request("squat")).analysis.repetitions == 1


def test_a_clip_that_is_stopped_says_so(tmp_path: Path) -> None:
    file = write(tmp_path / "poses.jsonl", exercise("squat", Plan((1,)), camera=Camera(), fps=10))
    workout = replay(file, Request("squat"), lambda done, total: done == 12)
    assert workout.problem == "stopped after 12 frames, which are kept"
