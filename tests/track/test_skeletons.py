"""Networks of any skeleton find people, whatever format they come in."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from people import picture

import blazepose as bp
from blazepose.nets.build import build, swap_skeleton
from blazepose.pose import Roi
from blazepose.roi import from_keypoints, from_points
from blazepose.runtimes.fake import FakeRuntime
from blazepose.skeleton import BLAZEPOSE33, LSP14, Skeleton
from blazepose.track import Estimator
from blazepose.track.landmarker import Landmarker
from blazepose.weights import store
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint
from blazepose.weights.export import export
from blazepose.weights.load import load_network

PLACES = {
    **{"hip": (0.5, 0.5), "shoulder": (0.5, 0.3), "ankle": (0.5, 0.9), "knee": (0.5, 0.7)},
    **{"wrist": (0.6, 0.5), "elbow": (0.6, 0.4), "neck": (0.5, 0.3), "head_top": (0.5, 0.2)},
}
HANDS = Skeleton("hands4", ("left_tip", "left_wrist", "right_tip", "right_wrist"), ((0, 1),))


def standing(skeleton: Skeleton, hidden: tuple[str, ...] = ()) -> FakeRuntime:
    """A flat network that sees an upright person in the middle of every crop."""
    rows = np.full((len(skeleton), 5), 8, np.float32)
    for row, name in zip(rows, skeleton.names, strict=True):
        row[:2] = 256 * np.array(PLACES[name.split("_")[-1] if "head" not in name else name])
        row[3:] = -8 if name in hidden else 8
    answer = {"landmarks": rows.reshape(-1), "presence": np.float32([0.9])}
    return FakeRuntime(lambda image: answer)


def test_the_next_region_is_that_which_training_would_give_to_the_points() -> None:
    roi = Roi((200.0, 200.0), 100.0, 0.5)
    found = Landmarker(standing(LSP14), skeleton=LSP14)(picture(), roi)
    points = found.pose.points[:, :2]
    expected = from_keypoints(points, np.ones(14, bool), LSP14)
    assert expected is not None
    assert found.next_roi.center_xy == pytest.approx(expected.center_xy, abs=1e-3)
    assert found.next_roi.size == pytest.approx(expected.size, rel=1e-4)
    assert found.next_roi.angle_rad == pytest.approx(0.5, abs=1e-3)


def test_hidden_limbs_do_not_count_but_hidden_hips_do() -> None:
    roi = Roi((200.0, 200.0), 100.0)
    hidden = ("left_ankle", "right_ankle", "left_hip", "right_hip", "left_knee", "right_knee")
    found = Landmarker(standing(LSP14, hidden), skeleton=LSP14)(picture(), roi)
    assert found.next_roi.center_xy == pytest.approx((200, 200), abs=1e-3)
    assert found.next_roi.size == pytest.approx(2 * 30 * 1.1 * 1.25, rel=1e-4)  # to the head


def test_without_hips_or_shoulders_the_next_region_is_the_box_round_the_points() -> None:
    own = Skeleton("limbs4", ("left_wrist", "right_wrist", "left_ankle", "right_ankle"), ())
    found = Landmarker(standing(own), skeleton=own)(picture(), Roi((200.0, 200.0), 100.0))
    assert found.next_roi == pytest.approx(from_points(found.pose.points[:, :2]))
    assert found.next_roi.center_xy == pytest.approx((205, 220), abs=1e-3)
    assert found.next_roi.size == pytest.approx(40 * 1.1 * 1.25, rel=1e-4)


def test_a_flat_network_says_nothing_of_depth() -> None:
    pose = Landmarker(standing(LSP14), skeleton=LSP14)(picture(), Roi((200.0, 200.0), 100.0)).pose
    assert np.isnan(pose.world).all()
    assert np.isnan(pose.points[:, 2]).all()
    assert np.isfinite(pose.points[:, :2]).all()
    assert pose.skeleton == LSP14


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the paper's network for four points, untrained, in several formats."""
    folder = tmp_path_factory.mktemp("flat")
    torch.manual_seed(0)
    checkpoint = Checkpoint("paper-lite", build("paper-lite", skeleton=HANDS).eval(), HANDS)
    save_checkpoint(checkpoint, folder / "flat.safetensors")
    export(checkpoint, folder / "flat.onnx", to="onnx")
    export(checkpoint, folder / "flat.xml", to="openvino")
    return folder


@pytest.mark.parametrize("suffix", [".onnx", ".xml", ".safetensors"])
def test_the_papers_network_runs_with_the_points_that_its_file_names(
    flat: Path, suffix: str
) -> None:
    image = np.random.default_rng(0).integers(0, 255, (300, 300, 3), np.uint8)
    roi = Roi((150.0, 150.0), 250.0, math.pi / 3)
    pose = Landmarker.open(flat / f"flat{suffix}", threads=1)(image, roi).pose
    expected = Landmarker.open(flat / "flat.safetensors", threads=1)(image, roi).pose
    assert pose.skeleton == HANDS
    assert np.abs(pose.points - expected.points)[:, :2].max() < 0.05
    assert np.isnan(pose.world).all()


def test_a_mask_that_a_network_cannot_make_is_an_error(flat: Path) -> None:
    with pytest.raises(bp.ModelError, match="is no landmark network with a mask"):
        Landmarker.open(flat / "flat.xml", mask=True)


@pytest.fixture(scope="module")
def lsp14(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the released network `lite` whose heads give the joints of LSP."""
    folder = tmp_path_factory.mktemp("lsp14")
    released = load_network(store.path("lite")).network
    network = swap_skeleton(released, "lite", source=BLAZEPOSE33, target=LSP14).eval()
    checkpoint = Checkpoint("lite", network, LSP14)
    save_checkpoint(checkpoint, folder / "lite14.safetensors")
    export(checkpoint, folder / "lite14.xml", to="openvino")
    return folder


@pytest.mark.weights
@pytest.mark.parametrize("suffix", [".xml", ".safetensors"])
def test_a_network_for_other_joints_follows_as_the_released_one_does(
    lsp14: Path, suffix: str
) -> None:
    ours, released = (bp.Tracker(model, threads=1) for model in (lsp14 / f"lite14{suffix}", "lite"))
    assert ours.skeleton == LSP14
    seen = 0
    with bp.frames(store.path("demo")) as clip:
        for frame in (frame for frame in clip if 60 <= frame.index < 80):
            for pose, expected in zip(ours(frame), released(frame), strict=True):
                wanted = expected.to("lsp14")
                assert pose.id == wanted.id
                torso = np.linalg.norm(wanted.points[2, :2] - wanted.points[9, :2])
                gap = np.linalg.norm((pose.points - wanted.points)[:, :2], axis=1) / torso
                assert np.median(gap) < 0.1
                assert np.isfinite(pose.world).all()
                seen += 1
    assert seen >= 18


@pytest.mark.weights
def test_a_still_image_is_searched_with_a_network_for_other_joints(lsp14: Path) -> None:
    with bp.frames(store.path("demo")) as clip:
        image = next(frame for frame in clip if frame.index == 60).image
    # Two people stand there, and which is the surer is a close call.
    found = Estimator(lsp14 / "lite14.xml", threads=1)(image, people=2)
    expected = [p.to("lsp14") for p in Estimator("lite", threads=1)(image, people=2)]
    assert len(found) == len(expected) == 2
    for pose in found:
        gaps = [np.linalg.norm((pose.points - p.points)[:, :2], axis=1) for p in expected]
        assert min(np.median(gap) for gap in gaps) < 0.05 * pose.roi.size


@pytest.mark.weights
def test_two_models_for_a_photo_have_to_have_the_same_points(lsp14: Path) -> None:
    with pytest.raises(bp.ModelError, match=r"lite with 33 .*lite14.xml with 14 "):
        Estimator(f"lite+{lsp14 / 'lite14.xml'}", threads=1)
