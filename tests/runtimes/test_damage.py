"""Damaged model files are refused: they neither crash nor hang, nor write on the screen."""

import functools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blazepose.errors import ModelError
from blazepose.pose import Roi
from blazepose.track.landmarker import Landmarker
from blazepose.weights import store

READERS = [
    *((".tflite", "openvino"), (".tflite", "litert")),
    *((".onnx", "openvino"), (".onnx", "onnx"), (".xml", "openvino")),
]
MODULES = {"openvino": "openvino", "litert": "ai_edge_litert", "onnx": "onnxruntime"}
STRUCTURE = 90_000  # bytes at the end of a released file that are no weights
fuzz = functools.partial(
    settings,
    deadline=None,
    derandomize=True,  # a crash would take the other tests with it, so let it be always or never
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def use(file: Path, runtime: str) -> None:
    """Load a landmark network, and run it once."""
    landmarker = Landmarker.open(file, refine=False, runtime=runtime, threads=1)
    landmarker(np.zeros((64, 64, 3), np.uint8), Roi((32.0, 32.0), 64.0))


@pytest.mark.parametrize(("suffix", "runtime"), READERS)
@given(content=st.one_of(st.binary(max_size=300), st.binary().map(lambda b: b"\x1c\0\0\0TFL3" + b)))
@fuzz(max_examples=40)
def test_any_bytes_are_refused_without_a_word(
    tmp_path: Path, capfd, suffix: str, runtime: str, content: bytes
) -> None:
    pytest.importorskip(MODULES[runtime])
    file = tmp_path / f"any{suffix}"
    file.write_bytes(content)
    with pytest.raises(ModelError, match=r"any\.") as raised:
        use(file, runtime)
    assert "\n" not in str(raised.value)
    assert capfd.readouterr().err == ""


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.parametrize("runtime", ["openvino", "litert"])
@given(
    changes=st.lists(
        st.tuples(st.integers(0, STRUCTURE - 1), st.integers(0, 255)), min_size=1, max_size=8
    ),
    share=st.one_of(st.just(1.0), st.floats(0, 1)),
)
@fuzz(max_examples=60)
def test_a_damaged_network_is_refused_or_runs(
    tmp_path: Path, runtime: str, changes: list[tuple[int, int]], share: float
) -> None:
    pytest.importorskip(MODULES[runtime])
    content = bytearray(store.path("lite").read_bytes())
    for place, value in changes:
        content[-1 - place] = value
    file = tmp_path / "damaged.tflite"
    file.write_bytes(content[: round(len(content) * share)])
    try:
        use(file, runtime)
    except ModelError as error:
        assert "\n" not in str(error)  # noqa: PT017 - a change that does no harm is as good
