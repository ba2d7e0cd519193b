"""What holds for every row of the table of networks."""

import pytest
import torch

from blazepose.nets.build import NETWORKS, build, points_of, swap_skeleton
from blazepose.nets.trace import parameter_count
from blazepose.skeleton import BLAZEPOSE33, COCO17, LSP14, Skeleton, conversion

SMALL = sorted(set(NETWORKS) - {"heavy"})


def _image(network, batch=1):
    return torch.rand(batch, 3, network.size, network.size)


@pytest.mark.parametrize("name", SMALL)
def test_images_of_a_batch_do_not_see_each_other(name):
    network = build(name, skeleton=LSP14).eval()
    images = _image(network, 2)
    with torch.no_grad():
        together, second = network(images), network(images[1:])
    assert tuple(together) == network.outputs
    for output in network.outputs:
        scale = together[output].abs().max().clamp(min=1)
        assert (together[output][1] - second[output][0]).abs().max() <= 1e-4 * scale


@pytest.mark.parametrize("name", SMALL)
def test_an_output_is_the_same_to_the_bit_when_the_other_heads_are_left_out(name):
    network = build(name, skeleton=LSP14).eval()
    image = _image(network)
    with torch.no_grad():
        everything = network(image)
        for output in network.outputs:
            (alone,) = network(image, (output,)).items()
            assert alone[0] == output
            assert torch.equal(alone[1], everything[output])


@pytest.mark.parametrize(
    ("name", "millions"),
    [("lite", 1.363), ("full", 3.169), ("heavy", 13.751), ("detector", 2.965), ("face", 0.101)],
)
def test_released_networks_have_the_released_number_of_parameters(name, millions):
    with torch.device("meta"):
        assert round(parameter_count(build(name)) / 1e6, 3) == millions


def test_the_papers_networks_have_about_the_papers_number_of_parameters():
    with torch.device("meta"):
        assert abs(parameter_count(build("paper-full")) / 1e6 - 3.5) < 0.1
        assert abs(parameter_count(build("paper-lite")) / 1e6 - 1.3) < 0.1


def test_an_unknown_name_is_answered_with_near_ones():
    with pytest.raises(ValueError, match="did you mean 'paper-full'"):
        build("paperfull")


@pytest.mark.parametrize("target", [COCO17, LSP14])
def test_a_swapped_head_finds_known_points_as_before(target):
    network = build("lite").eval()
    swapped = swap_skeleton(network, "lite", source=BLAZEPOSE33, target=target).eval()
    image = _image(network)
    with torch.no_grad():
        before, after = network(image), swapped(image)
    weights = torch.from_numpy(conversion(BLAZEPOSE33, target))
    for name in ("landmarks", "world"):
        expected = torch.einsum("ts,bsd->btd", weights, before[name][:, : len(BLAZEPOSE33)])
        torch.testing.assert_close(after[name], expected, atol=1e-4, rtol=1e-4)
    assert torch.equal(before["presence"], after["presence"])


def test_a_swapped_head_starts_afresh_for_a_point_nobody_knows():
    target = Skeleton("pet", ("nose", "tail"), ((0, 1),))
    network = build("lite").eval()
    swapped = swap_skeleton(network, "lite", source=BLAZEPOSE33, target=target)
    before, after = network.landmarks.weight, swapped.landmarks.weight
    assert points_of(target) == 2
    assert torch.equal(before[:5], after[:5])  # nose
    assert after[5:].abs().max() > 0


def test_points_of_a_fresh_head_begin_in_the_middle_of_the_crop():
    landmarks = build("lite", skeleton=COCO17)(torch.rand(1, 3, 256, 256))["landmarks"]
    assert (landmarks[..., :2] - 128).abs().max() < 16
