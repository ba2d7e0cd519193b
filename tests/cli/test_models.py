import hashlib
import zipfile
from pathlib import Path

import openvino as ov
import openvino.opset13 as ops
import pytest
from typer.testing import CliRunner, Result

from blazepose.cli.models import app
from blazepose.errors import DownloadError, ModelError
from blazepose.weights import store
from blazepose.weights.catalog import ENTRIES, Entry
from blazepose.weights.sources import Url
from blazepose.weights.task import DETECTOR, LANDMARKS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A released file of which the catalogue knows and the cache does not."""
    content = b"weights"
    (tmp_path / "tiny.bin").write_bytes(content)
    source = Url((tmp_path / "tiny.bin").as_uri(), len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    row = Entry("tiny", "tiny.bin", "for a test", 7, sha256, "MIT", ((source, "tiny.bin"),))
    monkeypatch.setitem(ENTRIES, "tiny", row)
    monkeypatch.setenv("BLAZEPOSE_CACHE", str(tmp_path / "cache"))
    return row


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A network with one input and two outputs, as OpenVINO IR."""
    image = ops.parameter([1, 4, 4, 3], ov.Type.f32, name="image")
    twice = ops.add(image, image)
    twice.output(0).set_names({"twice"})
    total = ops.reduce_sum(image, ops.constant([1, 2], ov.Type.i64))
    total.output(0).set_names({"total"})
    ov.save_model(ov.Model([twice, total], [image]), tmp_path / "mine.xml")
    return tmp_path / "mine.xml"


def test_list_shows_what_is_here(tiny):
    before = run("list")
    store.path("tiny")
    after = run("list")
    rows = [r.stdout.split("tiny", 1)[1].split("\n")[0].split() for r in (before, after)]
    assert [row[-1] for row in rows] == ["no", "yes"]
    assert all(name in after.stdout for name in ("detector", "lite", "full", "heavy", "face"))


def test_pull_fetches_and_says_where(tiny):
    result = run("pull", "tiny")
    assert result.exit_code == 0
    assert store.cached("tiny").read_bytes() == b"weights"
    assert result.stdout == f"tiny  {store.cached('tiny')}\n"


def test_pull_of_what_is_here_shows_no_progress(tiny):
    assert "fetching" in run("pull", "tiny").stderr
    assert run("pull", "tiny").stderr == ""


def test_pull_fetches_nothing_where_a_name_is_unknown(tiny):
    result = run("pull", "tiny", "tinny")
    assert isinstance(result.exception, ModelError)
    assert "did you mean 'tiny'" in str(result.exception)
    assert store.cached("tiny") is None


def test_pull_without_a_source_raises(tiny, tmp_path):
    (tmp_path / "tiny.bin").unlink()
    assert isinstance(run("pull", "tiny").exception, DownloadError)


def test_info_of_a_name_that_is_not_here_says_how_to_get_it(tiny):
    result = run("info", "tiny")
    assert "not here: blazepose models pull tiny" in result.stdout
    assert tiny.sha256 in result.stdout
    assert "MIT" in result.stdout


def test_info_shows_inputs_and_outputs_of_a_file(network):
    result = run("info", str(network))
    assert result.exit_code == 0
    rows = [" ".join(line.split()) for line in result.stdout.splitlines() if "put " in line]
    assert rows == [
        "mine.xml input 0 image 1 x 4 x 4 x 3 f32",
        "mine.xml output 0 twice 1 x 4 x 4 x 3 f32",
        "mine.xml output 1 total 1 x 3 f32",
    ]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A network that lies in the package."""
    monkeypatch.setattr(store, "SHIPPED_DIR", tmp_path)
    sha256 = hashlib.sha256(b"weights").hexdigest()
    row = Entry("full-gym", "full-gym.bin", "33 landmarks, best at gym", 7, sha256, "Apache-2.0")
    monkeypatch.setitem(ENTRIES, "full-gym", row)
    (tmp_path / "full-gym.bin").write_bytes(b"weights")
    (tmp_path / "full-gym.md").write_text("# full-gym\n\nTrained on photos of **gym**.\n")
    return row


def test_a_network_of_the_package_is_listed_with_what_it_is_good_at(own):
    (line,) = (line for line in run("list").stdout.splitlines() if "full-gym" in line)
    assert "best at gym" in line
    assert line.split()[-1] == "yes"


def test_info_of_a_network_of_the_package_shows_its_card(own):
    told = run("info", "full-gym").stdout
    assert "comes with blazepose" in told
    assert own.sha256 in told
    assert "Trained on photos of gym." in told


def test_pull_of_a_network_of_the_package_fetches_nothing(own, tmp_path):
    result = run("pull", "full-gym")
    assert result.stdout == f"full-gym  {tmp_path / 'full-gym.bin'}\n"
    assert result.stderr == ""


def test_info_knows_a_released_file_under_another_name(tiny, tmp_path):
    (tmp_path / "renamed").write_bytes(b"weights")
    assert "for a test" in run("info", str(tmp_path / "renamed")).stdout


def test_info_of_what_is_no_model_says_so(tiny, tmp_path):
    (tmp_path / "squat.mp4").write_bytes(b"a film")
    result = run("info", str(tmp_path / "squat.mp4"))
    assert isinstance(result.exception, ModelError)
    assert "squat.mp4 is no model file: expected one of .tflite" in str(result.exception)


@pytest.mark.parametrize("name", ["bad.tflite", "bad.onnx", "bad.xml", "bad.task"])
@pytest.mark.parametrize("content", [b"", b"no model", b"\x1c\0\0\0TFL3 and no more"])
def test_info_of_a_damaged_file_names_it(tmp_path, name, content, capfd):
    (tmp_path / name).write_bytes(content)
    result = run("info", str(tmp_path / name))
    assert isinstance(result.exception, ModelError)
    assert name in str(result.exception)
    assert "\n" not in str(result.exception)
    assert capfd.readouterr().err == ""


@pytest.mark.weights
def test_info_shows_both_networks_of_a_task_bundle(tmp_path):
    with zipfile.ZipFile(tmp_path / "pose.task", "w") as bundle:
        bundle.write(store.path("detector"), DETECTOR)
        bundle.write(store.path("lite"), LANDMARKS)
    result = run("info", str(tmp_path / "pose.task"))
    assert result.exit_code == 0
    assert "1 x 2254 x 12" in result.stdout
    assert "1 x 195" in result.stdout


@pytest.mark.parametrize("command", ["list", "pull", "info"])
def test_every_command_has_an_example_in_its_help(command):
    assert f"blazepose models {command}" in run(command, "--help").stdout
