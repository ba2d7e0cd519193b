import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from blazepose.errors import ModelError, OutputError
from blazepose.nets.build import build
from blazepose.skeleton import LSP14
from blazepose.weights.checkpoint import KEY, Checkpoint, describe, load_checkpoint, save_checkpoint


@pytest.fixture(scope="module")
def checkpoint():
    return Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14).eval(), LSP14)


def test_a_checkpoint_comes_back_as_it_was(checkpoint, tmp_path):
    file = tmp_path / "best.safetensors"
    save_checkpoint(checkpoint, file)
    loaded = load_checkpoint(file)
    assert (loaded.name, loaded.skeleton) == (checkpoint.name, LSP14)
    image = torch.rand(1, 3, 256, 256)
    with torch.no_grad():
        before, after = checkpoint.network(image), loaded.network.eval()(image)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert [p.name for p in tmp_path.iterdir()] == ["best.safetensors"]


def test_a_place_that_cannot_be_written_is_named(checkpoint, tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*gone"):
        save_checkpoint(checkpoint, tmp_path / "gone" / "best.safetensors")


def test_a_file_cut_short_is_an_error(checkpoint, tmp_path):
    file = tmp_path / "best.safetensors"
    save_checkpoint(checkpoint, file)
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cannot read"):
        load_checkpoint(file)


def test_a_foreign_safetensors_file_is_an_error(tmp_path):
    file = tmp_path / "language.safetensors"
    save_file({"wte": torch.zeros(3)}, file)
    with pytest.raises(ModelError, match="no checkpoint of this package"):
        load_checkpoint(file)


@pytest.mark.parametrize(
    "change",
    [
        {"network": "paper-huge"},
        {"skeleton": None},
        {"skeleton": {"name": "x", "names": ["nose"], "edges": []}},
    ],
    ids=["unknown network", "no skeleton", "weights for other points"],
)
def test_a_description_that_does_not_fit_is_an_error_in_one_line(checkpoint, change, tmp_path):
    file = tmp_path / "best.safetensors"
    description = describe(checkpoint) | change
    save_file(checkpoint.network.state_dict(), file, metadata={KEY: json.dumps(description)})
    with pytest.raises(ModelError, match="does not hold the network it names") as caught:
        load_checkpoint(file)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=200))
def test_random_bytes_are_an_error(tmp_path_factory, data):
    file = tmp_path_factory.getbasetemp() / "random.safetensors"
    file.write_bytes(data)
    with pytest.raises(ModelError):
        load_checkpoint(file)
