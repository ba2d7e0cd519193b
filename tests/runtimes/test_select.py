from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from blazepose.errors import MissingExtraError, ModelError
from blazepose.runtimes import Network, load
from blazepose.runtimes import select as selection
from blazepose.runtimes.fake import FakeRuntime
from blazepose.runtimes.protocol import match_outputs

NETWORK = Network("toy network", size=8, mean=0, std=255, outputs={"a": (3,), "b": (2, 2)})


def test_an_unknown_runtime_offers_near_names() -> None:
    with pytest.raises(ValueError, match="did you mean 'openvino'"):
        load(Path("x.tflite"), NETWORK, runtime="openvin")


def test_threads_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="threads must be at least 1, got 0"):
        load(Path("x.tflite"), NETWORK, threads=0)


def test_mixed_precision_takes_a_runtime_that_has_it() -> None:
    with pytest.raises(ValueError, match="'mixed' takes the runtime openvino, got 'litert'"):
        load(Path("x.tflite"), NETWORK, runtime="litert", precision="mixed")


@pytest.mark.parametrize("runtime", ["auto", "litert"])
def test_a_file_the_runtime_does_not_read_is_refused(runtime: str) -> None:
    with pytest.raises(ModelError, match=r"\.tflite"):
        load(Path("x.pt"), NETWORK, runtime=runtime)


def test_a_runtime_that_is_not_installed_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row = ("no_such_module", {".tflite"}, "litert")
    monkeypatch.setitem(selection.RUNTIMES, "litert", row)
    with pytest.raises(MissingExtraError, match=r"pip install 'blazepose\[litert\]'"):
        load(Path("x.tflite"), NETWORK, runtime="litert")


def test_outputs_are_told_apart_by_their_shapes_whatever_their_order() -> None:
    shapes = [(1, 2, 2), (1, 9), (1, 3)]
    assert match_outputs(NETWORK, "x", [(1, 8, 8, 3)], shapes) == {"a": 2, "b": 0}


def test_an_optional_output_is_matched_where_the_file_has_it() -> None:
    network = replace(NETWORK, optional={"c": (7,)})
    shapes = [(1, 3), (1, 2, 2)]
    assert match_outputs(network, "x", [(1, 8, 8, 3)], shapes) == {"a": 0, "b": 1}
    assert match_outputs(network, "x", [(1, 8, 8, 3)], [*shapes, (1, 7)])["c"] == 2


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([(1, 8, 8, 3)], [(1, 3)]),
        ([(1, 16, 16, 3)], [(1, 3), (1, 2, 2)]),
        ([], [(1, 3), (1, 2, 2)]),
    ],
)
def test_another_network_is_refused_with_what_it_has(inputs: list, outputs: list) -> None:
    with pytest.raises(ModelError, match=r"x is no toy network: expected input \(8, 8, 3\)"):
        match_outputs(NETWORK, "x", inputs, outputs)


def test_the_fake_answers_for_each_picture_and_keeps_what_it_saw() -> None:
    fake = FakeRuntime(lambda image: {"mean": image.mean(keepdims=True)[0, 0]})
    images = np.stack([np.full((8, 8, 3), 7, np.uint8), np.full((8, 8, 3), 9, np.uint8)])
    assert (fake(images)["mean"][:, 0] == [7, 9]).all()
    assert (fake.seen[1] == images[1]).all()
