from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from blazepose.coach import Repetition, analyze
from blazepose.pose import Pose
from motion import Camera, Figure, Frames, Plan, both, film, jack, push_up, squat

SIDE, FRONT = Camera(85), Camera(0)


def _reps(
    figure_at: Callable[[float], Figure], move: str, *, camera: Camera, plan: Plan | None = None
) -> tuple[Repetition, ...]:
    plan = plan or Plan((1, 1))
    frames = film(lambda t: figure_at(plan.depth(t)), plan.seconds, camera=camera, fps=30)
    reps = analyze(frames, move).reps
    assert reps
    return reps


def _names(reps: tuple[Repetition, ...]) -> set[str]:
    return {remark.name for rep in reps for remark in rep.remarks}


def test_depth_range_and_tempo_are_those_of_the_plan() -> None:
    plan = Plan((1, 1), down_s=1.5, hold_s=1.0, up_s=0.8, pause_s=1.0)
    for number, rep in enumerate(_reps(squat, "squat", camera=FRONT, plan=plan)):
        assert rep.depth_deg == pytest.approx(85, abs=3)
        assert rep.range_deg == pytest.approx(85, abs=6)
        assert rep.down_s == pytest.approx(1.5, abs=0.25)
        assert rep.hold_s == pytest.approx(1.0, abs=0.3)
        assert rep.up_s == pytest.approx(0.8, abs=0.2)
        assert rep.start_s == pytest.approx(1 + number * plan.period_s, abs=0.3)
        assert rep.difference_deg == pytest.approx(0, abs=2)


@pytest.mark.parametrize("even", [True, False])
@pytest.mark.parametrize(("down_s", "hold_s", "up_s"), [(3, 1, 3), (2, 2, 2), (1, 1, 3)])
def test_tempo_is_that_of_even_and_of_soft_ways(
    down_s: float, hold_s: float, up_s: float, even: bool
) -> None:
    plan = Plan((1, 1), down_s=down_s, hold_s=hold_s, up_s=up_s, pause_s=1, even=even)
    for rep in _reps(squat, "squat", camera=SIDE, plan=plan):
        assert rep.down_s == pytest.approx(down_s, abs=0.35)
        assert rep.hold_s == pytest.approx(hold_s, abs=0.4)
        assert rep.up_s == pytest.approx(up_s, abs=0.35)
        assert rep.down_s + rep.hold_s + rep.up_s == pytest.approx(rep.end_s - rep.start_s)


def test_a_repetition_that_the_clip_cuts_off_is_no_longer_than_the_clip() -> None:
    plan = Plan((1,), down_s=1.5, up_s=1.5, lead_s=0.1)
    (rep,) = _reps(squat, "squat", camera=SIDE, plan=plan)
    assert 0 <= rep.start_s < rep.end_s <= plan.seconds
    assert rep.down_s + rep.hold_s + rep.up_s == pytest.approx(rep.end_s - rep.start_s)


def test_good_repetitions_have_no_remarks() -> None:
    assert not _names(_reps(squat, "squat", camera=FRONT))
    assert not _names(_reps(squat, "squat", camera=SIDE))
    assert not _names(_reps(push_up, "push-up", camera=SIDE))


def test_a_shallow_squat_is_told_so_with_its_evidence() -> None:
    reps = _reps(lambda p: squat(0.68 * p), "squat", camera=FRONT)
    (remark,) = (r for r in reps[0].remarks if r.name == "short range")
    assert remark.value == pytest.approx(112, abs=4)
    assert remark.threshold == 110
    assert remark.confidence > 0.9
    assert reps[0].start_s < remark.time_s < reps[0].end_s
    assert remark.frame == pytest.approx(30 * remark.time_s, abs=1)


def _knock_kneed(p: float) -> Figure:
    figure = squat(p)
    return replace(figure, thigh=both(figure.thigh[0][0], 6 - 16 * p), shin=both(183, 4 + 12 * p))


def test_knees_inward_are_seen_from_the_front_alone() -> None:
    assert "knees inward" in _names(_reps(_knock_kneed, "squat", camera=FRONT))
    assert "knees inward" not in _names(_reps(_knock_kneed, "squat", camera=SIDE))


def test_heels_up_are_seen_from_the_side() -> None:
    tiptoe = _reps(lambda p: replace(squat(p), foot=100 + 35 * p), "squat", camera=SIDE)
    assert "heels up" in _names(tiptoe)


def test_a_trunk_far_forward_is_remarked_on() -> None:
    bowed = _reps(lambda p: replace(squat(p), trunk=5 + 60 * p), "squat", camera=SIDE)
    assert "trunk too far forward" in _names(bowed)


def test_sagging_hips_are_told_from_hips_too_high() -> None:
    def bent(by: float) -> Callable[[float], Figure]:
        def figure_at(p: float) -> Figure:
            figure = push_up(p)
            leg = both(figure.thigh[0][0] + by)
            return replace(figure, trunk=figure.trunk + by, thigh=leg, shin=leg)

        return figure_at

    assert "hips sagging" in _names(_reps(_hinged(-35), "push-up", camera=SIDE))
    assert "hips too high" in _names(_reps(_hinged(40), "push-up", camera=SIDE))
    assert not _names(_reps(bent(0), "push-up", camera=SIDE)) & {"hips sagging", "hips too high"}


def _hinged(by: float) -> Callable[[float], Figure]:
    """A push-up whose hips are off the line, up for positive degrees."""

    def figure_at(p: float) -> Figure:
        figure = push_up(p)
        legs = both(figure.thigh[0][0] - by / 2)
        return replace(figure, trunk=figure.trunk + by / 2, thigh=legs, shin=legs)

    return figure_at


def test_one_knee_that_bends_less_is_uneven() -> None:
    def figure_at(p: float) -> Figure:
        figure = squat(p)
        left, right = figure.thigh
        return replace(figure, thigh=(left, (right[0] + 28 * p, right[1])))

    (rep, *_) = _reps(figure_at, "squat", camera=FRONT)
    assert rep.difference_deg == pytest.approx(-28, abs=4)
    assert "uneven" in {remark.name for remark in rep.remarks}


def test_an_angle_that_is_not_seen_at_depth_is_not_known() -> None:
    frames = film(lambda t: jack(Plan((1, 1)).depth(t)), Plan((1, 1)).seconds, camera=FRONT, fps=30)
    high = [pose for _, pose in frames if pose]
    top = min(float(pose.points[_elbow(pose), 1].min()) for pose in high)
    for pose in high:  # arms overhead leave the frame
        above = pose.points[:, 1] < top + 60
        pose.points[above], pose.visibility[above], pose.presence[above] = np.nan, 0, 0
    reps = analyze(frames, "jumping jack").reps
    assert reps
    assert all(np.isnan(rep.depth_deg) for rep in reps)
    assert all(np.isfinite([rep.down_s, rep.hold_s, rep.up_s]).all() for rep in reps)


def _elbow(pose: Pose) -> list[int]:
    return [pose.skeleton.index(f"{side}_elbow") for side in ("left", "right")]


@pytest.mark.parametrize("back", [squat(0), squat(1)])
def test_a_repetition_ends_where_a_gap_begins(back: Figure) -> None:
    plan = Plan((1,), up_s=1.0)
    end_s = plan.lead_s + plan.down_s + plan.hold_s + 0.75 * plan.up_s
    before = film(lambda t: squat(plan.depth(t)), end_s, camera=SIDE, fps=30)
    after = [(time_s + 40, pose) for time_s, pose in film(lambda _: back, 3, camera=SIDE, fps=30)]
    reps = analyze([*before, *after], "squat").reps
    assert reps
    for rep in reps:
        assert rep.end_s < end_s + 0.5
        assert rep.depth_s < end_s
        assert min(rep.down_s, rep.up_s) > 0
        assert rep.hold_s >= 0


def test_no_remark_is_made_from_points_that_are_hidden() -> None:
    plan = Plan((1, 1))

    def bowed(time_s: float) -> Figure:
        return replace(squat(plan.depth(time_s)), trunk=5 + 60 * plan.depth(time_s))

    seen = film(bowed, plan.seconds, camera=SIDE, fps=20)
    assert "trunk too far forward" in _names(analyze(seen, "squat").reps)
    (rep, *_) = hidden = analyze(_half_hidden(seen), "squat").reps
    assert not _names(hidden)
    assert rep.difference_deg is None
    assert rep.confidence < 0.5


def _half_hidden(frames: Frames) -> Frames:
    for _, pose in frames:
        if pose:
            pose.visibility[:] = np.minimum(pose.visibility, 0.45)
    return frames
