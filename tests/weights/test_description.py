import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny import pack, tiny_model

from blazepose.errors import ModelError
from blazepose.skeleton import LSP14, Skeleton
from blazepose.weights.description import (
    KEY,
    said_by_checkpoint,
    said_by_tflite,
    skeleton_of,
)
from blazepose.weights.litert import _add_metadata
from blazepose.weights.tflite import parse_tflite

SAID = json.dumps({"network": "lite", "skeleton": LSP14.to_json()})


def described() -> bytes:
    """A .tflite file with our metadata after that of somebody else."""
    model = tiny_model()
    _add_metadata(model, {"TFLITE_METADATA": b"theirs", KEY: SAID.encode()})
    return pack(model)


def test_a_tflite_file_says_the_same_to_a_reader_without_the_schema(tmp_path: Path) -> None:
    content = described()
    (tmp_path / "a.tflite").write_bytes(content)
    assert said_by_tflite(tmp_path / "a.tflite") == parse_tflite(content).metadata[KEY]
    assert skeleton_of(SAID, name="a.tflite") == LSP14


def test_a_file_without_a_description_says_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.tflite"
    file.write_bytes(pack(tiny_model()))
    assert said_by_tflite(file) is None
    assert said_by_checkpoint(file) is None


@given(changes=st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=8))
@settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_damaged_file_says_something_or_nothing(tmp_path: Path, changes: list) -> None:
    content = bytearray(described())
    for place, value in changes:
        content[place % len(content)] = value
    (tmp_path / "a").write_bytes(content)
    for read in (said_by_tflite, said_by_checkpoint):
        said = read(tmp_path / "a")
        assert said is None or len(said) <= len(content)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"skeleton": 3}', SAID.replace("[1, 0]", "[1, 99]"), SAID[:-3]],
)
def test_what_is_no_description_names_the_file(text: str) -> None:
    with pytest.raises(ModelError, match=r"cannot read mine\.xml: what it says of its points"):
        skeleton_of(text, name="mine.xml")


def test_a_skeleton_comes_back_from_plain_values() -> None:
    own = Skeleton("own2", ("tip", "root"), ((0, 1),))
    assert Skeleton.from_json(json.loads(json.dumps(own.to_json()))) == own
