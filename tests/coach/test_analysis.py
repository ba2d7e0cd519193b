import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blazepose.coach import MOVES, Counter, Signal, analyze, find_move
from blazepose.pose import Pose, Roi
from blazepose.skeleton import COCO17
from motion import Camera, Frames, Plan, exercise


def _squats(**options: float) -> Frames:
    return exercise("squat", Plan((1, 1)), camera=Camera(20), **options)


def test_the_report_is_plain_and_has_the_agreed_keys() -> None:
    analysis = analyze(_squats(), "squat")
    report = json.loads(json.dumps(analysis.to_json(), allow_nan=False))
    assert (report["exercise"], report["repetitions"], report["partial"]) == ("squat", 2, 0)
    assert {"start_s", "end_s", "depth_deg", "remarks"} <= set(report["reps"][0])
    assert len(analysis.times_s) == len(analysis.phases) == len(analysis.angles.degrees)
    assert np.nanmax(analysis.progress) > 0.9
    assert {"standing", "down", "bottom", "up"} <= set(analysis.phases)


@pytest.mark.parametrize("name", ["squats", "Push Up", "pullup", "jumping-jacks", "biceps_curl"])
def test_an_exercise_is_found_however_it_is_written(name: str) -> None:
    assert find_move(name).name in MOVES


def test_an_unknown_exercise_is_refused_with_near_matches() -> None:
    with pytest.raises(ValueError, match="did you mean 'squat'"):
        analyze([], "squatt")


def test_every_rule_says_why_and_every_measure_exists() -> None:
    frames = _squats(fps=5)
    for move in MOVES.values():
        assert analyze(frames, move).exercise == move.name
        assert all(rule.why and rule.text for rule in move.rules)


@pytest.mark.parametrize("frames", [[], [(0.0, None), (0.1, None)]])
def test_a_clip_with_nobody_says_so(frames: Frames) -> None:
    analysis = analyze(frames, "squat")
    assert analysis.repetitions == 0
    assert "nobody" in analysis.notices[0]
    json.dumps(analysis.to_json(), allow_nan=False)


def test_pictures_too_far_apart_are_told() -> None:
    assert analyze(_squats(fps=1), "squat").notices[0].startswith("there is a picture every 1.0 s")
    assert not analyze(_squats(fps=5), "squat").notices


def test_somebody_half_in_the_frame_is_told_what_cannot_be_seen() -> None:
    frames = _squats()
    for _, pose in frames:
        assert pose
        pose.visibility[25:] = 0.05
    analysis = analyze(frames, "squat")
    assert analysis.repetitions == 0
    assert "cannot see the knees" in analysis.notices[0]


def test_a_clip_of_another_exercise_is_told_why_nothing_counts() -> None:
    standing = [(index / 20, _squats()[0][1]) for index in range(60)]
    [line] = analyze(standing, "squat").notices
    assert re.match(r"no squat was counted: the knee stays between 1\d\d° and 1\d\d°", line)
    [line] = analyze(standing, "plank").notices
    assert re.match(r"no plank was counted: the trunk is at \d+° most of the time", line)
    [line] = analyze(_squats(), "push_up").notices
    assert line.startswith("no push-up was counted: the elbow stays between 1")
    assert not analyze(_squats(), "squat").notices


def test_a_measure_that_there_is_not_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="unknown measure 'kneee': did you mean 'knee'"):
        Signal("kneee", 165, 90)


def test_points_that_are_nowhere_are_no_harm() -> None:
    frames = _squats()
    for index, (_, pose) in enumerate(frames):
        assert pose
        if index % 7 == 0:
            pose.world[:] = np.nan
            pose.points[:] = np.nan
    analysis = analyze(frames, "squat")
    assert analysis.repetitions == 2


def test_a_network_without_depth_is_judged_in_the_picture() -> None:
    plan = Plan((1, 1))
    deep = exercise("squat", plan, camera=Camera(80))
    flat = [(time_s, _flattened(pose)) for time_s, pose in deep]
    analysis = analyze(flat, "squat")
    assert analysis.repetitions == 2
    assert np.isfinite(analysis.angles["left_knee"]).any()


def test_a_smaller_skeleton_is_enough_to_count() -> None:
    frames = [(time_s, pose and pose.to(COCO17)) for time_s, pose in _squats()]
    assert analyze(frames, "squat").repetitions == 2


def test_times_that_stand_still_are_told_and_do_no_harm() -> None:
    analysis = analyze([(0.0, pose) for _, pose in _squats()], "squat")
    assert analysis.repetitions == 0
    assert any("stand still" in line for line in analysis.notices)
    doubled = [frame for frame in _squats() for _ in range(2)]
    assert analyze(doubled, "squat").repetitions == 2


def test_after_times_that_jump_back_counting_goes_on() -> None:
    analysis = analyze([*_squats(), *_squats()], "squat")
    assert analysis.repetitions == 4
    assert any("jump back" in line for line in analysis.notices)


def test_a_long_pause_is_no_repetition() -> None:
    frames = [*_squats(), *((time_s + 100, pose) for time_s, pose in _squats())]
    assert analyze(frames, "squat").repetitions == 4


def test_the_counter_keeps_little_however_long_it_runs() -> None:
    counter, (_, standing) = Counter("squat"), _squats()[0]
    for index in range(400):
        counter(standing, index / 20)
    assert len(counter._inner._moments) < 50


@pytest.mark.shared
def test_the_released_landmarks_of_the_squat_clip_are_two_squats_and_a_third_begun() -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "videos"
    if not folder.is_dir():
        pytest.skip("no shared/data/videos beside the checkout")
    points, world = (
        np.array(json.loads((folder / name).read_text()), np.float32)
        for name in ("pose_squats.full.json", "pose_squats_3d.full.json")
    )
    sure = np.ones(33, np.float32)
    frames = [
        (index / 5, Pose(flat, deep, sure, sure, 1.0, Roi((360, 640), 900)))
        for index, (flat, deep) in enumerate(zip(points, world, strict=True))
    ]
    for given in ("squat", "auto"):
        analysis = analyze(frames, given)
        assert (analysis.exercise, analysis.repetitions, analysis.partial) == ("squat", 2, 1)


def _flattened(pose: Pose | None) -> Pose | None:
    if pose is None:
        return None
    points = pose.points.copy()
    points[:, 2] = np.nan
    return replace(pose, points=points, world=np.full_like(pose.world, np.nan))
