from pathlib import Path

import numpy as np
import pytest
from fakes import dying_worker, worker

from blazepose.bench import rounds as module
from blazepose.bench.rounds import Plan, measure
from blazepose.errors import SourceError
from blazepose.video import VideoWriter
from standing import standing_pose


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(module, "_PAUSE_S", 0.0)


@pytest.fixture
def clip(tmp_path) -> Path:
    path = tmp_path / "clip.mp4"
    with VideoWriter(str(path), width=64, height=48, fps=30) as writer:
        for index in range(12):
            writer.write(np.full((48, 64, 3), 20 * index, np.uint8), index / 30)
    return path


def test_systems_take_turns_in_every_round(tmp_path, clip):
    seen = []
    systems = [worker(tmp_path, name=name) for name in ("a", "b")]
    outcomes = measure(
        systems, Plan((clip,), rounds=2), watch=lambda *told: seen.append(told) or False
    )
    assert seen == [(0, 4, "a"), (1, 4, "b"), (2, 4, "a"), (3, 4, "b")]
    for outcome in outcomes:
        assert list(outcome.turns) == [0, 1]
        assert len(outcome.turns[0].clips[0].frame_ms) == 12
        assert outcome.turns[0].clips[0].found == 0.75
        assert outcome.turns[0].first_pose_s > 0
        assert outcome.problems == []


def test_images_are_dealt_out_over_the_rounds(tmp_path, clip):
    images = tuple(tmp_path / f"{name}.png" for name in ("a", "broken", "c"))
    (outcome,) = measure([worker(tmp_path)], Plan((clip,), images, rounds=2))
    assert [len(turn.image_ms) for turn in outcome.turns.values()] == [2, 0]
    assert set(outcome.poses) == set(images)
    (pose,) = outcome.poses[images[0]]
    assert np.allclose(pose.points[:, :2], standing_pose().points[:, :2], atol=1e-3)
    assert np.isnan(pose.world).all()
    assert outcome.poses[images[1]] == []
    assert [problem.startswith("fake: cannot read") for problem in outcome.problems] == [True]


def test_a_system_that_fails_is_told_once_and_the_rest_goes_on(tmp_path, clip):
    systems = [dying_worker(tmp_path), worker(tmp_path)]
    broken, good = measure(systems, Plan((clip,), rounds=2))
    assert broken.turns == {}
    assert broken.problems == ["dying: first: RuntimeError: no such codec"]
    assert list(good.turns) == [0, 1]


def test_what_was_measured_before_the_end_is_kept(tmp_path, clip):
    systems = [worker(tmp_path, name=name) for name in ("a", "b")]
    first, second = measure(
        systems, Plan((clip,), rounds=2), watch=lambda done, total, name: done == 1
    )
    assert (list(first.turns), list(second.turns)) == ([0], [])


def test_no_more_frames_are_held_than_memory_may_hold(tmp_path, clip, monkeypatch):
    monkeypatch.setattr(module, "_MAX_BYTES", 5 * 48 * 64 * 3)
    (outcome,) = measure([worker(tmp_path)], Plan((clip,), rounds=1))
    assert len(outcome.turns[0].clips[0].frame_ms) == 5


def test_a_clip_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(SourceError):
        measure([worker(tmp_path)], Plan((tmp_path / "gone.mp4",), rounds=1))
