import pytest
import torch
from torch import nn

from blazepose.nets.blocks import BlazeBlock, Conv, InvertedResidual, Upsample


def _only_centre(conv: Conv) -> Conv:
    """A kernel that copies the pixel under its centre."""
    nn.init.dirac_(conv.conv.weight, groups=conv.conv.groups)
    nn.init.zeros_(conv.conv.bias)
    return conv


def test_same_padding_starts_at_the_second_pixel_and_plain_padding_at_the_first():
    row = torch.arange(8.0).expand(1, 1, 8, 8)
    plain = _only_centre(Conv(1, 1, 3, stride=2))(row)
    same = _only_centre(Conv(1, 1, 3, stride=2, same=True))(row)
    assert plain[0, 0, 0].tolist() == [0, 2, 4, 6]
    assert same[0, 0, 0].tolist() == [1, 3, 5, 7]


def test_a_block_whose_convolutions_are_zero_gives_its_largest_pixels_and_empty_channels():
    block = BlazeBlock(1, 3, stride=2)
    for parameter in block.parameters():
        nn.init.zeros_(parameter)
    image = torch.tensor([[0.0, 1, 2, 2], [3, 0, 2, 9], [0, 0, -1, -1], [0, 5, -1, -2]])[None, None]
    result = block(image)
    assert result[0, 0].tolist() == [[3, 6], [5, 0]]  # ReLU6 after the sum
    assert result[0, 1:].abs().max() == 0


@pytest.mark.parametrize(("stride", "outputs"), [(1, 4), (1, 6), (2, 4)])
def test_inverted_residual_adds_its_input_only_where_shapes_agree(stride, outputs):
    block = InvertedResidual(4, outputs, 3, stride=stride, expansion=2)
    nn.init.zeros_(block.project.conv.weight)
    nn.init.zeros_(block.project.conv.bias)
    image = torch.rand(1, 4, 8, 8)
    result = block(image)
    assert result.shape == (1, outputs, 8 // stride, 8 // stride)
    expected = image if (stride, outputs) == (1, 4) else torch.zeros_like(result)
    assert torch.equal(result, expected)


def test_upsampling_interpolates_between_pixel_centres():
    row = torch.tensor([0.0, 4.0]).expand(1, 1, 2, 2)
    assert Upsample()(row)[0, 0, 0].tolist() == [0, 1, 3, 4]
