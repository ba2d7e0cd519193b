from collections.abc import Collection

import numpy as np
import pytest
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from blazepose.datasets import UNLABELLED
from blazepose.skeleton import LSP14, Skeleton
from blazepose.train.augment import cut_out
from blazepose.train.examples import Example, examples
from blazepose.train.loader import Crops
from blazepose.train.validate import HEATMAP, Validation, places, validate

TORSO = [LSP14.index(name) for name in ("left_shoulder", "right_hip")]
IMAGE = np.zeros((180, 200, 3), np.uint8)


class Says(nn.Module):
    """Says the same of every crop."""

    def __init__(self, points: np.ndarray) -> None:
        super().__init__()
        self.rows = torch.from_numpy(np.concatenate([points, np.zeros((len(points), 2), "f4")], 1))

    def forward(self, image: Tensor, outputs: Collection[str]) -> dict[str, Tensor]:
        assert not self.training
        assert image.shape[1:] == (3, 256, 256)
        return {"landmarks": self.rows.expand(len(image), -1, -1)}


def judged(network: nn.Module, people: list[Example], skeleton: Skeleton = LSP14) -> Validation:
    crops, fabric = Crops(people, skeleton), Fabric(accelerator="cpu", devices=1)
    return validate(network, crops, skeleton, fabric=fabric, batch=2, workers=0)


@pytest.fixture
def people_and_truth(people) -> tuple[list[Example], np.ndarray]:
    """Three who stand alike, and where their points are in their crops."""
    found = examples(people(3), LSP14)
    return found, cut_out(found[0], IMAGE, found[0].roi).points


def test_the_truth_scores_a_hundred_without_error(people_and_truth) -> None:
    people, truth = people_and_truth
    seen = judged(Says(truth), people)
    assert seen.scores == pytest.approx({"pck": 100, "pckh": 100, "error": 0}, abs=1e-5)
    assert sorted(seen.items) == [0, 1, 2]
    assert seen.found.shape == seen.truth.shape == (3, 14, 2)
    assert seen.known.all()


def test_a_point_counts_as_found_within_a_fifth_of_the_torso(people_and_truth) -> None:
    people, truth = people_and_truth
    torso = np.linalg.norm(np.subtract(*truth[TORSO, :2]))
    for share, expected in ((0.19, 100), (0.21, 100 * 13 / 14)):
        off = truth.copy()
        off[0, 0] += share * torso
        scores = judged(Says(off), people).scores
        assert scores["pck"] == pytest.approx(expected)
        assert scores["error"] == pytest.approx(share * torso / 256 / 14, rel=1e-3)


def test_only_labels_judge_and_not_a_teacher(people_and_truth) -> None:
    people, truth = people_and_truth
    for person in people:
        person.trust[0] = 0.5
    off = truth.copy()
    off[0] += 100
    assert judged(Says(off), people).scores["pck"] == 100


def test_without_any_torso_a_quarter_of_the_crop_is_the_scale(people) -> None:
    hands = Skeleton("hands2", ("left_wrist", "right_wrist"), ())
    samples = people(2)
    (with_hands, _) = examples(samples, hands)
    for sample in samples:
        sample.visible[TORSO[0]] = UNLABELLED  # of which the other shoulder gives the region
    half = examples(samples, LSP14)
    for found, skeleton in (([with_hands], hands), (half, LSP14)):
        truth = cut_out(found[0], IMAGE, found[0].roi).points
        for off, expected in ((12.7, 100), (12.9, 0)):
            scores = judged(Says(truth + np.array([off, 0, 0], "f4")), found, skeleton).scores
            assert scores["pck"] == expected


class Draws(nn.Module):
    """Draws the same heatmaps for every crop of a size."""

    def __init__(self, points: np.ndarray, size: int) -> None:
        super().__init__()
        self.maps = torch.zeros(1, len(points), size // 2, size // 2)
        for row, (x, y) in enumerate((points / 2).round().astype(int)):
            self.maps[0, row, y, x] = 1
        self.size = size

    def forward(self, image: Tensor, outputs: Collection[str]) -> dict[str, Tensor]:
        assert outputs == HEATMAP
        assert image.shape[1:] == (3, self.size, self.size)
        return {"heatmap": self.maps.expand(len(image), -1, -1, -1)}


@pytest.mark.parametrize("size", [128, 256])
def test_heatmaps_are_read_at_their_maxima_in_crops_of_any_size(people_and_truth, size) -> None:
    people, truth = people_and_truth
    crops = Crops(people, LSP14, size=size)
    seen = validate(
        Draws(truth[:, :2] * (size / 256), size),
        crops,
        LSP14,
        fabric=Fabric(accelerator="cpu", devices=1),
        batch=2,
        workers=0,
        outputs=HEATMAP,
    )
    assert seen.scores["pck"] == 100
    assert seen.truth[0] == pytest.approx(truth[:, :2], abs=1e-3)
    assert np.abs(seen.found - seen.truth).max() <= 256 / size + 1e-3  # half a cell


def test_a_dense_network_is_read_at_its_likeliest_centre() -> None:
    center, points = torch.zeros(2, 1, 64, 64), torch.zeros(2, 4, 64, 64)
    center[0, 0, 10, 20] = center[1, 0, 30, 40] = 5
    points[0, :, 10, 20] = torch.tensor([1.0, 2.0, -3.5, 0.0])
    points[1, :, 30, 40] = torch.tensor([0.0, 0.0, 9.5, 1.0])
    found = places({"center": center, "keypoints": points}, 256)
    assert found[0] == pytest.approx(np.array([[21.5, 12.5], [17, 10.5]]) * 4)
    assert found[1] == pytest.approx(np.array([[40.5, 30.5], [50, 31.5]]) * 4)
