import shutil
from pathlib import Path

import numpy as np
import pytest

import blazepose as bp
from blazepose.datasets import read_lsp
from blazepose.pose import Frame
from blazepose.video import frames, write_image
from blazepose.weights import store

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    """A person walking, taken from the demo clip, cut out of its frame."""
    with frames(store.path("demo")) as clip:
        frame = next(frame for frame in clip if frame.index == 60)
    (pose,) = bp.estimate(frame.image)
    x = int(pose.roi.center_xy[0])
    return np.ascontiguousarray(frame.image[:, max(x - 350, 0) : x + 350])


@pytest.fixture(scope="module")
def upright(photo: np.ndarray) -> bp.Pose:
    (pose,) = bp.estimate(photo)
    return pose


def _torso(pose: bp.Pose) -> float:
    return float(np.linalg.norm(pose.points[11, :2] - pose.points[24, :2]))


def _trunk_and_legs(pose: bp.Pose) -> np.ndarray:
    return pose.points[[11, 12, 23, 24, 25, 26], :2]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_photo_turned_by_90_degrees_gives_the_same_person_turned(
    photo: np.ndarray, upright: bp.Pose, quarters: int
) -> None:
    (turned,) = bp.estimate(np.ascontiguousarray(np.rot90(photo, quarters)))
    expected = _trunk_and_legs(upright)
    height, width = photo.shape[:2]
    for _ in range(quarters):  # np.rot90 turns counterclockwise
        expected = np.stack([expected[:, 1], width - expected[:, 0]], axis=1)
        height, width = width, height
    gap = np.linalg.norm(_trunk_and_legs(turned) - expected, axis=1)
    assert np.median(gap) < 0.15 * _torso(upright)


def test_of_two_models_the_second_says_where_the_points_are(
    photo: np.ndarray, upright: bp.Pose
) -> None:
    (pose,) = bp.estimate(photo, "lite+full")
    (by_lite,) = bp.estimate(photo, "lite")
    gaps = [np.linalg.norm((p.points - upright.points)[:, :2], axis=1) for p in (pose, by_lite)]
    assert np.median(gaps[0]) < 0.5 * np.median(gaps[1])
    assert len(bp.estimate(photo, "lite+full", people="all")) == 1


def test_a_plus_in_the_name_of_a_file_is_no_second_model(tmp_path: Path, photo: np.ndarray) -> None:
    file = tmp_path / "lite+mine.tflite"
    shutil.copy(store.path("lite"), file)
    (pose,), (same,) = (bp.estimate(photo, model) for model in (str(file), "lite"))
    assert pose.points == pytest.approx(same.points)


def test_two_models_are_for_photos_and_have_to_be_known() -> None:
    with pytest.raises(bp.ModelError, match=r"got lite\+full: leave out \+full"):
        bp.Tracker("lite+full")
    with pytest.raises(bp.ModelError, match="unknown model 'nope'"):
        bp.estimate(np.zeros((64, 64, 3), np.uint8), "lite+nope")


def test_a_mirrored_photo_swaps_left_and_right(photo: np.ndarray, upright: bp.Pose) -> None:
    (mirrored,) = bp.estimate(np.ascontiguousarray(photo[:, ::-1]))
    points = mirrored.points[upright.skeleton.mirror, :2]
    points[:, 0] = photo.shape[1] - points[:, 0]
    gap = np.linalg.norm(points - upright.points[:, :2], axis=1)
    assert np.median(gap) < 0.15 * _torso(upright)


def test_a_small_person_in_a_large_picture_is_found(photo: np.ndarray, upright: bp.Pose) -> None:
    height, width = photo.shape[:2]
    scene = np.full((4 * height, 4 * width, 3), 127, np.uint8)
    scene[2 * height : 3 * height, width : 2 * width] = photo
    (small,) = bp.estimate(scene)
    expected = upright.points[:, :2] + [width, 2 * height]
    gap = np.linalg.norm(small.points[:, :2] - expected, axis=1)
    assert np.median(gap) < 0.15 * _torso(upright)


def test_feet_cut_off_are_not_present(photo: np.ndarray, upright: bp.Pose) -> None:
    knees = int(upright.points[25:27, 1].min())
    (cut,) = bp.estimate(np.ascontiguousarray(photo[:knees]))
    assert cut.presence[27:].max() < 0.5
    assert cut.visibility[27:].max() < 0.5
    assert cut.presence[:13].min() > 0.5


def test_two_people_are_two_poses(photo: np.ndarray, upright: bp.Pose) -> None:
    two = np.hstack([photo, photo[:, ::-1]])
    poses = bp.estimate(two, people=2)
    assert [pose.id for pose in poses] == [0, 1]
    middles = sorted(float(pose.points[23:25, 0].mean()) for pose in poses)
    own = float(upright.points[23:25, 0].mean())
    assert middles == pytest.approx([own, two.shape[1] - own], abs=0.3 * _torso(upright))


def test_a_path_a_frame_and_an_array_are_all_understood(
    photo: np.ndarray, upright: bp.Pose, tmp_path
) -> None:
    write_image(tmp_path / "photo.png", photo)
    for image in (tmp_path / "photo.png", str(tmp_path / "photo.png"), Frame(photo)):
        assert (bp.estimate(image)[0].points == upright.points).all()


@pytest.mark.parametrize("size_hw", [(1, 1), (300, 400), (1, 3000)])
@pytest.mark.parametrize("grey", [0, 200])
def test_an_empty_picture_has_nobody_in_it(size_hw: tuple[int, int], grey: int) -> None:
    assert bp.estimate(np.full((*size_hw, 3), grey, np.uint8)) == []


@pytest.mark.parametrize("size_hw", [(480, 640), (200, 300)])
@pytest.mark.parametrize("seed", [0, 1])
def test_noise_has_nobody_in_it(size_hw: tuple[int, int], seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 255, (*size_hw, 3), np.uint8)
    assert bp.estimate(noise, people="all") == []


def test_people_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="people must be a number from 1 on, or 'all'; got 0"):
        bp.estimate(np.zeros((9, 9, 3), np.uint8), people=0)


@pytest.mark.shared
@pytest.mark.parametrize("number", [82, 372, 449, 847])
def test_a_photo_of_one_is_of_the_large_one_in_front_and_not_of_a_bystander(number: int) -> None:
    folder = Path(__file__).parents[3] / "shared" / "data" / "lsp"
    if not folder.is_dir():
        pytest.skip("no shared/data/lsp beside the checkout")
    sample = read_lsp(folder)[number - 1]
    (pose,) = bp.estimate(sample.image)
    gap = np.linalg.norm(pose.to("lsp14").points[:, :2] - sample.points, axis=1)
    assert (gap < 0.3 * _torso(pose)).mean() > 0.7
