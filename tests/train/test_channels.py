import torch
from torch import nn

from blazepose.nets.build import build
from blazepose.train.channels import plain_state, scale_channels


def test_scaling_leaves_the_function_as_it_was_and_gives_plain_weights_back() -> None:
    network, plain = build("lite").eval(), build("lite").eval()
    image = torch.rand(1, 3, 256, 256)
    before = network(image, ("landmarks",))["landmarks"]
    scale_channels(network)
    torch.testing.assert_close(network(image, ("landmarks",))["landmarks"], before)
    plain.load_state_dict(plain_state(network, plain.state_dict()))
    torch.testing.assert_close(plain(image, ("landmarks",))["landmarks"], before)
    torch.testing.assert_close(network(image, ("landmarks",))["landmarks"], before)


def test_a_step_moves_small_and_large_channels_in_proportion() -> None:
    conv = nn.Conv2d(2, 2, 1)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([[100.0, 100.0], [0.01, 0.01]])[:, :, None, None])
    network = nn.Sequential(conv)
    scale_channels(network)
    before = conv.weight.detach().clone()
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    conv(torch.ones(1, 2, 1, 1)).sum().backward()
    optimizer.step()
    moved = (before - conv.weight.detach()) / before
    torch.testing.assert_close(moved, torch.full_like(moved, 0.1))


def test_convolutions_with_batch_norm_are_left_alone() -> None:
    network = build("paper-lite")
    scale_channels(network)
    scaled = {n.partition(".")[0] for n, _ in network.named_parameters() if "parametrizations" in n}
    assert "trunk" not in scaled
