from pathlib import Path

import pytest

from blazepose.runtimes.inspect import describe_file
from blazepose.skeleton import BLAZEPOSE33
from blazepose.weights import store
from blazepose.weights.checkpoint import save_checkpoint
from blazepose.weights.load import load_tflite


@pytest.mark.weights
def test_a_released_file_and_its_checkpoint_cost_the_same(tmp_path: Path) -> None:
    save_checkpoint(load_tflite(store.path("full")), tmp_path / "full.safetensors")
    (released,) = describe_file(store.path("full"))
    (ours,) = describe_file(tmp_path / "full.safetensors")
    assert released.multiply_adds == ours.multiply_adds
    assert released.multiply_adds / 1e6 == pytest.approx(386, abs=0.5)
    assert released.parameters == pytest.approx(ours.parameters, abs=2)  # two biases are scalars
    assert [port.role for port in ours.ports] == [port.role for port in released.ports]
    assert released.ports[1].shape == "1 x 195"
    assert ours.ports[1].shape == "? x 39 x 5"
    assert (released.skeleton, ours.skeleton) == (None, BLAZEPOSE33)
