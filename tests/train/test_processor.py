import ctypes
import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn

from blazepose.nets.build import build
from blazepose.skeleton import LSP14
from blazepose.train.processor import keep_heads_exact, speed_up_depthwise

Gradients = dict[str, Tensor]

TOLD = {"capture_output": True, "check": True, "text": True}
STEPS = """
import resource, torch
from blazepose.train.processor import keep_memory
{keep}
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    torch.empty(48 << 20, dtype=torch.uint8).fill_(1)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def layers() -> nn.Sequential:
    """Depthwise with stride, with bias and without, and a pointwise between them."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(8, 8, 3, padding=1, groups=8),
        nn.ReLU6(),
        nn.Conv2d(8, 16, 1),
        nn.Conv2d(16, 16, 5, stride=2, padding=2, groups=16, bias=False),
    )


def learned(network: nn.Module, image: Tensor, *, half: bool) -> tuple[Tensor, Gradients]:
    """What comes out, and the gradients of its square, those of the image included."""
    leaf = image.clone().requires_grad_()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        out = network(leaf)
    (out.float() ** 2).mean().backward()
    found = {name: p.grad for name, p in network.named_parameters()}
    return out, {**found, "image": leaf.grad}  # type: ignore[dict-item]


def test_depthwise_gradients_in_bfloat16_are_near_those_in_float32() -> None:
    torch.manual_seed(0)
    image = torch.randn(4, 8, 20, 20)
    _, exact = learned(layers(), image, half=False)
    _, plain = learned(layers(), image, half=True)
    fast = layers()
    speed_up_depthwise(fast)
    out, found = learned(fast, image, half=True)
    assert out.dtype == torch.bfloat16
    for name, expected in exact.items():
        assert found[name].dtype == torch.float32, name
        gap, usual = ((g - expected).norm() / expected.norm() for g in (found[name], plain[name]))
        assert gap < 0.05, name
        assert gap < 1.5 * usual, name


def test_in_float32_nothing_changes() -> None:
    image = torch.randn(2, 8, 16, 16)
    fast = layers()
    speed_up_depthwise(fast)
    out, found = learned(fast, image, half=False)
    expected, exact = learned(layers(), image, half=False)
    assert torch.equal(out, expected)
    assert all(torch.equal(found[name], exact[name]) for name in exact)


def test_frozen_layers_get_no_gradient_and_pass_it_on() -> None:
    fast = layers()
    speed_up_depthwise(fast)
    fast[3].requires_grad_(False)
    _, found = learned(fast, torch.randn(2, 8, 16, 16), half=True)
    assert found["3.weight"] is None
    assert found["0.weight"].abs().sum() > 0
    frozen = layers().requires_grad_(False)
    speed_up_depthwise(frozen)
    with torch.autocast("cpu", torch.bfloat16):
        assert not frozen(torch.randn(1, 8, 16, 16)).requires_grad


def test_a_network_keeps_the_names_of_its_weights() -> None:
    network = build("paper-lite", skeleton=LSP14)
    names = list(network.state_dict())
    speed_up_depthwise(network)
    keep_heads_exact(network, ("coordinates", "visibility"))
    assert list(network.state_dict()) == names
    network.load_state_dict(build("paper-lite", skeleton=LSP14).state_dict())


@pytest.mark.parametrize("kept", [True, False])
def test_heads_compute_in_float32_whatever_the_rest(kept: bool) -> None:
    torch.manual_seed(0)
    network = nn.Sequential()
    network.add_module("body", nn.Conv2d(3, 8, 3, padding=1))
    network.add_module("landmarks", nn.Conv2d(8, 2, 2))
    if kept:
        keep_heads_exact(network, ("landmarks", "world"))
    with torch.autocast("cpu", torch.bfloat16):
        out = network(torch.randn(1, 3, 8, 8))
    assert out.dtype == (torch.float32 if kept else torch.bfloat16)


def test_memory_that_is_freed_is_kept() -> None:
    """So the system gives pages once and not in every step."""
    if not (sys.platform.startswith("linux") and hasattr(ctypes.CDLL(None), "mallopt")):
        pytest.skip("of glibc alone")
    pages = [
        int(subprocess.run([sys.executable, "-c", STEPS.format(keep=keep)], **TOLD).stdout)
        for keep in ("keep_memory()", "")
    ]
    assert pages[0] < 0.7 * pages[1]
