"""Cameras, with a clip standing in for the one that test machines lack."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from clips import colour, plain, write_clip

from blazepose.errors import SourceError
from blazepose.video.camera import Camera


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Camera:
    """OpenCV reads a clip of five frames as it would a camera that is then unplugged."""
    clip = cv2.VideoCapture(str(write_clip(tmp_path / "a.mp4", [plain(i) for i in range(5)])))
    monkeypatch.setattr(cv2, "VideoCapture", lambda number: clip)
    return Camera(0)


def test_a_camera_gives_rgb_frames_with_the_time_they_came(camera: Camera) -> None:
    assert (camera.info.kind, camera.info.width, camera.info.height) == ("camera", 64, 48)
    assert camera.info.live
    frames = list(camera.frames())
    assert [f.index for f in frames] == list(range(len(frames)))
    assert frames[0].source == "camera 0"
    assert 0 <= frames[0].time_s < frames[-1].time_s < 5
    np.testing.assert_allclose(frames[0].image.reshape(-1, 3).mean(0), colour(1), atol=6)


def test_a_camera_that_stops_is_told(camera: Camera) -> None:
    assert camera.problem is None
    count = len(list(camera.frames()))
    assert camera.problem == f"camera 0 gave no more pictures after {count}: was it unplugged?"


def test_a_camera_that_is_not_there_is_told_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SourceError, match=r"camera 97 gives no picture: is it there"):
        Camera(97)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("number", [-1, 20240101123045])
def test_a_number_that_no_camera_can_have_is_told(number: int) -> None:
    with pytest.raises(SourceError, match=f"there is no camera {number}: cameras are numbered"):
        Camera(number)
