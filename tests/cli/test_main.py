"""The command line as a whole: help, wrong use, exit codes, Ctrl-C."""

import subprocess
import sys
from pathlib import Path

import pytest

import blazepose
from blazepose.cli import commands, run
from blazepose.errors import ModelError


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.strip() == blazepose.__version__


@pytest.mark.parametrize("command", ["demo", "track", "models"])
def test_the_help_lists_the_commands_and_each_has_an_own(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--help"]) == run([command, "--help"]) == 0
    whole, own = capsys.readouterr().out.split(f"blazepose {command} [OPTIONS]")
    assert command in whole
    assert own


@pytest.mark.parametrize("command", ["demo", "track"])
def test_the_help_of_a_command_shows_examples_one_to_a_line(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run([command, "--help"])
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert any(line.startswith(f"blazepose {command} ") for line in lines)


def test_without_arguments_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2
    out, err = capsys.readouterr()
    assert "Usage: blazepose" in out + err
    assert "error" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["modles"], "No such command 'modles'. Did you mean 'models'? (see blazepose --help)"),
        (["track"], "Missing argument 'SOURCE'. (see blazepose track --help)"),
        (["track", "a.mp4", "--modle", "full"], "No such option: --modle"),
        (["models", "pull", "fulll"], "did you mean 'full'"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("inside", [True, False])
def test_ctrl_c_is_exit_code_1_and_no_traceback(
    inside: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: object, **options: object) -> int:
        raise KeyboardInterrupt

    if inside:  # a command, where Typer has its own mind
        monkeypatch.setattr("blazepose.weights.store.cache_dir", interrupted)
    else:
        monkeypatch.setattr(commands, "execute", interrupted)
    assert run(["models", "list"]) == 1
    assert capsys.readouterr().err == "stopped\n"


def test_markup_in_a_message_is_shown_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise ModelError("cannot read [red]x[/red].tflite")

    monkeypatch.setattr("blazepose.weights.store.cache_dir", broken)
    assert run(["models", "list"]) == 2
    assert capsys.readouterr().err == "error: cannot read [red]x[/red].tflite\n"


def test_the_entry_point_imports_nothing_heavy_before_it_minds_ctrl_c() -> None:
    code = (
        "import sys, blazepose.cli\n"
        "print(sorted({'numpy', 'typer', 'rich', 'cv2', 'av'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_where_nothing_can_be_written_is_told_in_one_line() -> None:
    command = [sys.executable, "-m", "blazepose", "models", "list"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "could not write: No space left" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end otherwise")
def test_a_reader_who_leaves_is_no_error() -> None:
    command = [sys.executable, "-m", "blazepose", "models", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
