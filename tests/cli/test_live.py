"""`blazepose live` from its start to Ctrl-C."""

import signal
import subprocess
import sys
import urllib.request

import pytest

from blazepose.cli import run


def test_an_exercise_that_does_not_exist_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["live", "--exercise", "sqat", "--no-open"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "did you mean 'squat'" in err


@pytest.mark.weights
def test_a_host_that_cannot_be_listened_on_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["live", "--host", "nowhere.invalid", "--no-open"]) == 2
    assert "choose another --host or --port" in capsys.readouterr().err


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for a single process")
def test_the_address_is_printed_served_and_ctrl_c_ends_it_well() -> None:
    command = "from blazepose.cli import main; main()"
    arguments = [sys.executable, "-c", command, "live", "--port", "0", "--no-open"]
    with subprocess.Popen(
        [*arguments, "--model", "lite"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with urllib.request.urlopen(url, timeout=60) as answer:
            assert b"blazepose" in answer.read()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert out == ""
    assert "Traceback" not in err
