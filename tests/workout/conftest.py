"""A workout of made squats."""

from pathlib import Path

import pytest

from blazepose.workout import Request, Workout, replay
from motion import Camera, Plan, exercise, write


@pytest.fixture(scope="session")
def squats(tmp_path_factory: pytest.TempPathFactory) -> Workout:
    """Two squats and a half one, seen from the front."""
    folder: Path = tmp_path_factory.mktemp("squats")
    frames = exercise("squat", Plan((1, 0.9, 0.45)), camera=Camera(20, noise_m=0.003))
    return replay(write(folder / "poses.jsonl", frames), Request("squat"))
