from contextlib import suppress

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny import BIAS, KERNEL, pack, tiny_model

from blazepose.errors import ModelError
from blazepose.weights.tflite import parse_tflite, read_tflite

TINY = pack(tiny_model())
TINY_SPARSE = pack(tiny_model(sparse=True))


@pytest.mark.parametrize("data", [TINY, TINY_SPARSE], ids=["dense", "sparse"])
def test_float16_weights_come_out_dense_and_float32(data):
    graph = parse_tflite(data)
    assert [operator.kind for operator in graph.operators] == ["CONV_2D"]
    _, kernel, bias = (graph.tensors[i] for i in graph.operators[0].inputs)
    assert kernel.data.dtype == bias.data.dtype == np.float32
    np.testing.assert_array_equal(kernel.data, KERNEL)
    np.testing.assert_array_equal(bias.data, BIAS)


def test_options_inputs_and_outputs_are_read():
    graph = parse_tflite(TINY)
    (operator,) = graph.operators
    assert operator.options == {"stride": 1, "padding": 0, "activation": 3}
    assert graph.tensors[graph.inputs[0]].shape == (1, 4, 4, 2)
    assert operator.outputs == graph.outputs


def test_a_file_of_another_kind_is_named(tmp_path):
    file = tmp_path / "holiday.tflite"
    file.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ModelError, match=r"holiday\.tflite is not a \.tflite file"):
        read_tflite(file)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"cannot read .*gone\.tflite"):
        read_tflite(tmp_path / "gone.tflite")


def test_a_file_cut_short_is_damaged():
    with pytest.raises(ModelError, match="damaged"):
        parse_tflite(TINY[: len(TINY) // 2])


def test_integer_weights_are_refused():
    model = tiny_model()
    kernel = model.subgraphs[0].tensors[1]
    kernel.type = schema.TensorType.INT8
    kernel.shape = [1, 3, 3, 4]
    with pytest.raises(ModelError, match="quantised"):
        parse_tflite(pack(model))


def test_an_impossible_shape_takes_no_memory():
    model = tiny_model(sparse=True)
    model.subgraphs[0].tensors[1].shape = [60_000, 60_000, 3, 2]
    with pytest.raises(ModelError, match="impossible shape"):
        parse_tflite(pack(model))


@given(st.binary(max_size=400))
def test_random_bytes_are_an_error_in_one_line(data):
    with pytest.raises(ModelError) as caught:
        parse_tflite(b"\x10\x00\x00\x00TFL3" + data)
    assert "\n" not in str(caught.value)


@settings(max_examples=400, deadline=None)
@given(
    st.sampled_from([TINY, TINY_SPARSE]),
    st.lists(st.tuples(st.integers(8, len(TINY) - 1), st.integers(0, 255)), min_size=1, max_size=6),
)
def test_changed_bytes_give_a_graph_or_a_model_error(data, changes):
    damaged = bytearray(data)
    for place, value in changes:
        damaged[place] = value
    with suppress(ModelError):
        parse_tflite(bytes(damaged))
