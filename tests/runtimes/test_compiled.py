"""Compiled copies: the same answers, found only where they fit, and never in the way."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from blazepose.runtimes import Network, compiled, load
from blazepose.runtimes.compiled import Compiled
from blazepose.runtimes.heads import Head
from blazepose.weights import store

pytestmark = pytest.mark.weights

LITE = Network(
    "landmark network",
    size=256,
    mean=0,
    std=255,
    outputs={"landmarks": (195,), "presence": (1,)},
    optional={"heatmap": (64, 64, 39)},
)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lite in a cache folder of its own."""
    source = store.path("lite")
    monkeypatch.setenv(store.CACHE_VARIABLE, str(tmp_path))
    return Path(shutil.copy(source, tmp_path))


def _copies(model: Path) -> list[Path]:
    return sorted((model.parent / "compiled").glob("*"))


@pytest.mark.parametrize(("precision", "apart"), [("float32", 0), ("mixed", 1e-3)])
def test_a_kept_network_says_the_same(model: Path, precision: str, apart: float) -> None:
    pictures = np.random.default_rng(0).integers(0, 255, (3, 256, 256, 3), np.uint8)
    first = load(model, LITE, runtime="openvino", precision=precision)
    [copy] = _copies(model)
    written = copy.stat().st_mtime_ns
    second = load(model, LITE, runtime="openvino", precision=precision)
    assert _copies(model) == [copy]
    assert copy.stat().st_mtime_ns == written
    for picture in pictures:
        one = {name: values.copy() for name, values in first(picture[None]).items()}
        for name, values in second(picture[None]).items():
            assert np.abs(values - one[name]).max() <= apart * np.abs(values).max()
    several = [{name: v.copy() for name, v in n(pictures).items()} for n in (first, second)]
    for name, values in several[0].items():
        assert np.abs(values - several[1][name]).max() <= apart * np.abs(values).max()


def test_a_changed_model_another_purpose_and_precision_have_copies_of_their_own(
    model: Path,
) -> None:
    few = Network("landmark network", size=256, mean=0, std=255, outputs=LITE.outputs)
    load(model, LITE, runtime="openvino", precision="float32")
    load(model, few, runtime="openvino", precision="float32")
    load(model, few, runtime="openvino", precision="mixed")
    os.utime(model, ns=(0, 0))
    load(model, few, runtime="openvino", precision="mixed")
    assert len(_copies(model)) == 4


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"no zip"])
def test_a_damaged_copy_is_made_anew(model: Path, damage) -> None:
    load(model, LITE, runtime="openvino")
    [copy] = _copies(model)
    whole = copy.read_bytes()
    copy.write_bytes(damage(whole))
    assert load(model, LITE, runtime="openvino")(np.zeros((1, 256, 256, 3), np.uint8))
    assert compiled.read(copy) is not None


def test_a_copy_of_what_openvino_does_not_know_is_made_anew(model: Path) -> None:
    load(model, LITE, runtime="openvino")
    [copy] = _copies(model)
    compiled.write(copy, Compiled(b"of another time", (), ("landmarks", "presence", "heatmap")))
    assert load(model, LITE, runtime="openvino")(np.zeros((1, 256, 256, 3), np.uint8))
    assert load(model, LITE, runtime="openvino")
    kept = compiled.read(copy)
    assert kept is not None
    assert kept.trunk != b"of another time"


def test_a_model_that_lies_elsewhere_leaves_nothing_behind(model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    load(Path(shutil.copy(model, tmp_path / "mine")), LITE, runtime="openvino")
    assert _copies(model) == []


def test_a_missing_model_has_no_copy(model: Path) -> None:
    assert compiled.place(model, "anything") is not None
    assert compiled.place(model.with_name("missing.tflite"), "anything") is None


def test_where_nothing_can_be_kept_the_network_runs_all_the_same(model: Path) -> None:
    (model.parent / "compiled").write_text("in the way")
    assert load(model, LITE, runtime="openvino")(np.zeros((1, 256, 256, 3), np.uint8))


def test_old_copies_go(tmp_path: Path) -> None:
    head = Head(1, np.ones((2, 3), np.float32), np.ones(2, np.float32), is_probability=True)
    for number in range(30):
        file = tmp_path / f"{number:02}.zip"
        compiled.write(file, Compiled(b"trunk", (head,), ("landmarks",)))
        os.utime(file, (number, number))
    left = sorted(file.name for file in tmp_path.iterdir())
    assert len(left) <= 25
    assert "00.zip" not in left
    kept = compiled.read(tmp_path / "29.zip")
    assert kept is not None
    assert (kept.trunk, kept.names) == (b"trunk", ("landmarks",))
    [again] = kept.heads
    assert (again.features, again.is_probability) == (1, True)
    np.testing.assert_array_equal(again.weights, head.weights)
    np.testing.assert_array_equal(again.bias, head.bias)


def test_a_program_may_end_while_a_network_gets_ready() -> None:
    program = (
        "import blazepose as bp; from blazepose.track.landmarker import Landmarker; "
        "from blazepose.weights import store; network = Landmarker.open(store.path('lite')); "
        "network.prepare(begin=True); network.prepare(begin=False)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
