from pathlib import Path

import pytest
from fakes import outcome, turn

from blazepose.bench.figures import choose_reference, figures
from blazepose.bench.rounds import Plan

PLAN = Plan((Path("clip.mp4"),), rounds=3)


def test_figures_are_medians_over_rounds():
    ours = outcome("a", turn([10] * 20), turn([4] * 19 + [24]), turn([100] * 20))
    (clip,) = figures(ours, ours, PLAN).clips
    assert clip.ms == 10
    assert clip.ms_p95 == 10
    assert clip.fps == pytest.approx(100)
    assert clip.clip == "clip.mp4"


def test_fps_counts_the_slow_frames_that_a_median_forgets():
    only = outcome("a", turn([4] * 19 + [24]))
    (clip,) = figures(only, only, PLAN).clips
    assert clip.ms == 4
    assert clip.fps == pytest.approx(200)


def test_ratios_are_taken_within_each_round():
    ours = outcome("a", turn([1]), turn([10]), turn([20]))
    theirs = outcome("b", turn([4]), turn([40]), turn([60]))
    (clip,) = figures(ours, theirs, PLAN).clips
    assert clip.times == pytest.approx(4)  # 4, 4 and 3; the medians alone would give 4 too
    slow = outcome("b", turn([4]), turn([20]), turn([200]))
    (clip,) = figures(ours, slow, PLAN).clips
    assert clip.times == pytest.approx(4)  # 4, 2 and 10; the medians would give 2


def test_a_round_that_one_of_the_two_missed_does_not_count():
    ours, theirs = outcome("a", turn([1]), turn([10])), outcome("b", turn([4]), turn([30]))
    del theirs.turns[0]
    assert figures(ours, theirs, PLAN).clips[0].times == pytest.approx(3)


def test_a_system_that_takes_no_frames_in_memory_has_its_other_numbers():
    row = figures(outcome("a", turn([], file_fps=12.0)), outcome("b", turn([4])), PLAN)
    (clip,) = row.clips
    assert (clip.fps, clip.ms, clip.ms_p95, clip.times) == (None, None, None, None)
    assert clip.file_fps == 12
    assert clip.file_times == pytest.approx(1.2)
    assert row.fps_of_rounds == ()


def test_stills_and_sizes():
    ours = outcome("a", turn([1], image_ms=[10, 20, 30]))
    row = figures(ours, outcome("b", turn([1], image_ms=[60])), PLAN)
    assert row.image_ms == 20
    assert row.image_times == pytest.approx(3)
    assert (row.peak_mb, row.installed_mb, row.first_pose_s) == (80, 5, 0.5)


def test_without_stills_there_are_no_numbers_of_them():
    only = outcome("a", turn([1]))
    row = figures(only, only, PLAN)
    assert (row.image_ms, row.image_ms_p95, row.image_times) == (None, None, None)


def test_the_reference_is_the_first_that_is_not_ours_or_the_one_wanted():
    systems = [outcome("blazepose:full"), outcome("movenet:lightning"), outcome("mine")]
    assert choose_reference(systems, None) is systems[1]
    assert choose_reference(systems, "mine") is systems[2]
    assert choose_reference(systems[:1], None) is systems[0]
    with pytest.raises(ValueError, match="expected one of blazepose:full"):
        choose_reference(systems, "yours")
