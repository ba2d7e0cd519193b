import pytest
import torch
from torch import nn

from blazepose.nets.build import build
from blazepose.skeleton import LSP14
from blazepose.weights.layout import FileLayout


def test_files_have_channels_last_and_points_flat():
    network = build("lite").eval()
    layout = FileLayout(network)
    pixels = torch.rand(2, 256, 256, 3)
    with torch.no_grad():
        landmarks, presence, mask, heatmap, world = layout(pixels)
        expected = network(pixels.permute(0, 3, 1, 2))
    assert layout.names == ("Identity", "Identity_1", "Identity_2", "Identity_3", "Identity_4")
    assert (presence.shape, mask.shape) == ((2, 1), (2, 256, 256, 1))
    assert torch.equal(landmarks.reshape(2, 39, 5), expected["landmarks"])
    assert torch.equal(world.reshape(2, 39, 3), expected["world"])
    assert torch.equal(heatmap[1, 5, 7], expected["heatmap"][1, :, 5, 7])


def test_heads_that_only_serve_training_stay_out():
    assert FileLayout(build("paper-lite", skeleton=LSP14)).outputs == ("landmarks", "presence")


@pytest.mark.parametrize("name", ["paper-lite", "paper-full-cbam"])
def test_folding_batch_norms_changes_nothing_but_rounding(name):
    network = build(name, skeleton=LSP14)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.5, 2)
    network.eval()
    layout = FileLayout(network)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in layout.modules())
    pixels = torch.rand(1, 256, 256, 3)
    with torch.no_grad():
        landmarks = layout(pixels)[0].reshape(1, 14, 5)
        expected = network(pixels.permute(0, 3, 1, 2))["landmarks"]
    torch.testing.assert_close(landmarks, expected, atol=1e-2, rtol=1e-3)
