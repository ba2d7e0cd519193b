from dataclasses import replace
from pathlib import Path

import numpy as np

from blazepose.coach import Remark, Repetition
from blazepose.video import VideoWriter
from blazepose.workout.pictures import at_depth, best_and_worst
from motion import Camera, film, squat

REP = Repetition(0.0, 1.0, 2.0, 10, 90.0, 70.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.9)
REMARK = Remark("short range", "go deeper", "left_knee", 120.0, 110.0, "deg", 1.0, 10, 0.9)
(_, POSE), *_ = film(lambda _: squat(1), 1, camera=Camera())


def test_the_best_has_fewest_remarks_and_goes_deepest() -> None:
    shallow = replace(REP, amplitude=0.7)
    told = replace(REP, amplitude=1.1, remarks=(REMARK,))
    assert best_and_worst([shallow, REP, told]) == (1, 2)
    assert best_and_worst([shallow, REP]) == (1, 0)
    assert best_and_worst([REP]) == (0,)
    assert best_and_worst([]) == ()


def test_the_picture_is_of_the_frame_asked_for(tmp_path: Path) -> None:
    clip = tmp_path / "a.mp4"
    with VideoWriter(clip, width=1280, height=720, fps=10) as writer:
        for shade in (20, 120, 220):
            writer.write(np.full((720, 1280, 3), shade, np.uint8), shade / 1000)
    shown = at_depth(clip, {1: POSE}, joint="knee", degrees={1: 90}, size_wh=(1280, 720))
    assert list(shown) == [1]
    assert abs(int(np.median(shown[1])) - 120) < 6
    assert max(shown[1].shape) == 900


def test_without_the_clip_the_skeleton_alone_is_drawn(tmp_path: Path) -> None:
    for clip in (None, tmp_path / "gone.mp4"):
        shown = at_depth(clip, {4: POSE}, joint="knee", degrees={4: 90}, size_wh=(1280, 720))
        (picture,) = shown.values()
        assert picture.std() > 5
