import pytest
from tiny import pack, tiny_model

from blazepose.errors import ModelError
from blazepose.skeleton import BLAZEPOSE33
from blazepose.weights.load import load_network


def test_a_tflite_of_another_structure_is_told_which_layer_does_not_fit(tmp_path):
    file = tmp_path / "flowers.tflite"
    file.write_bytes(pack(tiny_model()))
    with pytest.raises(ModelError, match=r"flowers\.tflite is no known network.* layer 0 is a 3x3"):
        load_network(file)


def test_an_unknown_kind_of_file_is_told_what_is_read(tmp_path):
    with pytest.raises(ModelError, match=r"expected \.safetensors, \.tflite or \.task"):
        load_network(tmp_path / "model.pb")


@pytest.mark.weights
@pytest.mark.parametrize("name", ["lite", "full", "heavy", "detector", "face"])
def test_released_files_are_recognised(name, released):
    checkpoint = load_network(released(name))
    assert (checkpoint.name, checkpoint.skeleton) == (name, BLAZEPOSE33)


@pytest.mark.weights
def test_a_released_file_that_is_cut_short_is_an_error(released, tmp_path):
    file = tmp_path / "half.tflite"
    file.write_bytes(released("lite").read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match="damaged"):
        load_network(file)
