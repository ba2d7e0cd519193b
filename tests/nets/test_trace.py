import torch
from torch import nn

from blazepose.nets.blocks import Conv
from blazepose.nets.trace import trace


class _Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = Conv(3, 4, 3, stride=2, act=nn.ReLU6, same=True)
        self.second = nn.Conv2d(4, 4, 3, padding=1, groups=4)

    def forward(self, image):
        x = self.first(image)
        return {"sum": x + self.second(x), "first": x.flatten(1)}


def test_steps_name_their_weights_inputs_and_padding():
    result = trace(_Tiny(), torch.zeros(1, 3, 8, 8))
    kinds = [(step.kind, step.inputs, step.name) for step in result.steps]
    assert kinds == [
        ("conv2d", (-1,), "first.conv"),
        ("relu6", (0,), ""),
        ("conv2d", (1,), "second"),
        ("add", (1, 2), ""),
    ]
    assert [step.pad for step in result.steps] == [0, 0, 1, 0]
    assert result.outputs == (3, 1)


def test_multiply_adds_are_those_counted_by_hand():
    result = trace(_Tiny(), torch.zeros(1, 3, 8, 8))
    assert result.multiply_adds == 4 * 4 * 4 * (3 * 9) + 4 * 4 * 4 * 9


def test_flow_order_follows_the_outputs():
    class Crossed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.Conv2d(3, 1, 1), nn.Conv2d(3, 2, 1)

        def forward(self, image):
            b, a = self.b(image), self.a(image)
            return {"a": a, "b": b}

    result = trace(Crossed(), torch.zeros(1, 3, 2, 2))
    assert [result.steps[i].name for i in result.in_flow_order()] == ["a", "b"]
