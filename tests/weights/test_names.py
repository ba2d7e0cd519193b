import numpy as np
import pytest
import torch
from tiny import BIAS, KERNEL, pack, tiny_model
from torch import nn

from blazepose.nets.blocks import Conv
from blazepose.nets.trace import trace
from blazepose.weights.names import Misfit, match, state_dict, trace_graph
from blazepose.weights.tflite import parse_tflite


class _Tiny(nn.Module):
    def __init__(self, kernel: int = 3, act: type[nn.Module] | None = nn.ReLU6) -> None:
        super().__init__()
        self.only = Conv(2, 1, kernel, act=act)

    def forward(self, image):
        return {"out": self.only(image)}


@pytest.fixture(scope="module")
def graph():
    return parse_tflite(pack(tiny_model()))


def _match(graph, network):
    return match(trace_graph(graph), trace(network, torch.zeros(1, 2, 4, 4)))


def test_weights_arrive_in_pytorchs_order(graph):
    names = _match(graph, _Tiny())
    assert names == {"only.conv": 0}
    state = state_dict(graph, names)
    np.testing.assert_array_equal(state["only.conv.weight"], KERNEL.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(state["only.conv.bias"], BIAS)


def test_a_network_with_another_window_does_not_fit_and_the_layer_is_named(graph):
    misfit = _match(graph, _Tiny(kernel=1))
    assert isinstance(misfit, Misfit)
    assert misfit.agreed == 0
    assert "3x3 conv2d" in misfit.message
    assert "for only.conv a 1x1 conv2d" in misfit.message


def test_a_network_with_another_activation_does_not_fit(graph):
    misfit = _match(graph, _Tiny(act=nn.ReLU))
    assert isinstance(misfit, Misfit)
    assert "a relu6 of 16 values; expected a relu" in misfit.message


def test_a_network_that_ends_earlier_does_not_fit(graph):
    assert _match(graph, _Tiny(act=None)) == Misfit(1, "it has 2 layers; expected 1")
