import pytest
import typer
from typer.testing import CliRunner

from blazepose.cli.convert_weights import export_model, import_weights
from blazepose.errors import ModelError, OutputError
from blazepose.weights.load import load_network


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command("import")(import_weights)
    app.command("export")(export_model)
    return lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.mark.weights
def test_a_released_network_becomes_a_checkpoint_and_a_checkpoint_becomes_onnx(run, tmp_path):
    assert run("import", "face", "--out", "face.safetensors").exit_code == 0
    assert load_network(tmp_path / "face.safetensors").name == "face"
    result = run("export", "face.safetensors", "--to", "onnx", "--half")
    assert result.exit_code == 0
    assert "face.onnx" in result.output
    assert (tmp_path / "face.onnx").stat().st_size < 400_000


def test_the_file_that_is_read_is_not_replaced(run, tmp_path):
    (tmp_path / "mine.tflite").write_bytes(b"weights")
    result = run("export", "mine.tflite", "--to", "tflite")
    assert isinstance(result.exception, OutputError)
    assert (tmp_path / "mine.tflite").read_bytes() == b"weights"


@pytest.mark.parametrize(
    ("arguments", "suffix"),
    [
        (["export", "full", "--to", "onnx", "--out", "x.tflite"], ".onnx"),
        (["import", "full", "--out", "x.onnx"], ".safetensors"),
    ],
)
def test_the_suffix_of_another_format_is_wrong_use(run, tmp_path, arguments, suffix):
    result = run(*arguments)
    assert result.exit_code == 2
    assert f"expected a name with {suffix}" in " ".join(result.output.split())
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_wrong_use(run):
    result = run("export", "full", "--to", "onx")
    assert result.exit_code == 2
    assert "did you mean" in result.output


def test_a_damaged_file_is_an_error_and_leaves_nothing(run, tmp_path):
    (tmp_path / "bad.tflite").write_bytes(b"\0\0\0\0TFL3 and nothing")
    result = run("import", "bad.tflite")
    assert isinstance(result.exception, ModelError)
    assert [file.name for file in tmp_path.iterdir()] == ["bad.tflite"]
