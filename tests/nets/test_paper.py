import pytest
import torch

from blazepose.nets.build import build
from blazepose.skeleton import LSP14


@pytest.fixture(params=["paper-lite", "paper-full-cbam", "paper-full-vit2", "paper-full-fine"])
def network(request):
    torch.manual_seed(0)
    return build(request.param, skeleton=LSP14)


def _gradients(network, loss):
    network.zero_grad()
    loss.backward()
    return {n for n, p in network.named_parameters() if p.grad is not None and p.grad.any()}


def test_the_regression_loss_does_not_change_the_features_it_reads(network):
    landmarks = network(torch.rand(2, 3, 256, 256), ("landmarks",))["landmarks"]
    changed = _gradients(network, landmarks.square().mean())
    assert any(name.startswith("regression.") for name in changed)
    assert {name.partition(".")[0] for name in changed} == {
        "regression",
        "coordinates",
        "visibility",
    }


def test_the_heatmap_loss_changes_the_features_and_not_the_regression(network):
    heatmap = network(torch.rand(2, 3, 256, 256), ("heatmap",))["heatmap"]
    changed = _gradients(network, heatmap.square().mean())
    assert {name.partition(".")[0] for name in changed} == {"trunk", "heatmap"}


def test_fresh_coordinates_start_near_the_middle_of_the_crop():
    torch.manual_seed(0)
    network = build("paper-lite", skeleton=LSP14).eval()
    with torch.no_grad():
        xy = network(torch.rand(1, 3, 256, 256))["landmarks"][..., :2]
    assert (xy - 128).abs().mean() < 64


def test_fresh_heatmaps_expect_little_wherever_they_look(network):
    with torch.no_grad():
        assert network.eval()(torch.rand(1, 3, 256, 256))["heatmap"].sigmoid().mean() < 0.15


def test_fresh_coordinates_stay_near_the_crop_while_they_are_trained(network):
    with torch.no_grad():
        xy = network.train()(torch.rand(4, 3, 256, 256))["landmarks"][..., :2]
    assert (xy - 128).abs().mean() < 64


def test_maps_follow_the_size_of_the_image(network):
    maps = network(torch.rand(2, 3, 128, 128), ("heatmap", "offsets"))
    assert maps["heatmap"].shape == (2, 14, 64, 64)
    assert maps["offsets"].shape == (2, 28, 64, 64)
