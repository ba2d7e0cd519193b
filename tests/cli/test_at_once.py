"""`blazepose track --jobs`: several sources at once give what one after the other gives."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from blazepose.cli import run
from blazepose.video import VideoWriter

WIDTH, HEIGHT = 96, 64


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with three short clips of noise in it, one of them broken."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in ("a", "b"):
        clip(f"in/{name}.mp4", 12)
    Path("in/broken.mp4").write_text("no video\n" * 99)
    return tmp_path


def clip(path: str, count: int) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), "B")
    with VideoWriter(path, width=WIDTH, height=HEIGHT, fps=30) as writer:
        for index in range(count):
            writer.write(np.roll(noise, index, axis=1), index / 30)


def lines(path: str) -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def files(folder: str) -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*.*")}


@pytest.mark.weights
def test_several_at_once_leave_what_one_after_the_other_leaves(capfd) -> None:
    assert run(["track", "in", "--model", "lite", "--out", "one"]) == 2
    capfd.readouterr()
    assert run(["track", "in", "--model", "lite", "--out", "two", "--jobs", "2"]) == 2
    out, err = capfd.readouterr()
    assert re.fullmatch(r"error: [^\n]*broken\.mp4[^\n]*\n", err)
    assert out.count("a person in 0 of 12 frames") == 2
    assert (
        files("two")
        == files("one")
        == {f"{n}/{f}" for n in "ab" for f in (f"{n}.mp4", "poses.jsonl")}
    )
    for name in "ab":
        assert lines(f"two/{name}/poses.jsonl") == lines(f"one/{name}/poses.jsonl")


@pytest.mark.weights
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_poses_alone_are_written_without_a_video(capfd, jobs: str) -> None:
    clip("long.mp4", 90)
    assert run(["track", "long.mp4", "--model", "lite", "--poses-only", "--jobs", jobs]) == 0
    out, _ = capfd.readouterr()
    assert "a person in 0 of 90 frames" in out
    assert files("out") == {"poses.jsonl"}
    header, *frames = lines("out/poses.jsonl")
    assert (header["source"], header["width"], header["height"]) == ("long.mp4", WIDTH, HEIGHT)
    assert [frame["frame"] for frame in frames] == list(range(90))
    assert frames[30]["time_s"] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.weights
def test_a_single_video_is_drawn_in_one_go_with_a_word(capfd) -> None:
    assert run(["track", "in/a.mp4", "--model", "lite", "--jobs", "2"]) == 0
    assert "one source is tracked in one go" in capfd.readouterr().err
    assert files("out") == {"a.mp4", "poses.jsonl"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--jobs", "0"], "--jobs: jobs must be a number from 1 to 61, or 'auto'; got 0"),
        (["--jobs", "100"], "from 1 to 61, or 'auto'; got 100"),
        (["--jobs", "many"], "--jobs: expected a number, or auto; got many"),
        (["--jobs", "2", "--show"], "leave out --jobs"),
        (["--jobs", "2", "--print"], "leave out --jobs"),
        (["--poses-only", "--show"], "one of --show and --poses-only"),
    ],
)
def test_a_wrong_option_is_told(capfd, options: list[str], message: str) -> None:
    assert run(["track", "in", *options]) == 2
    assert message in capfd.readouterr().err
    assert not Path("out").exists()


@pytest.mark.weights
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="sends the signal of POSIX")
def test_ctrl_c_ends_all_of_them_and_keeps_what_was_done() -> None:
    for name in ("a", "b", "c"):
        clip(f"in/{name}.mp4", 2000)
    command = [sys.executable, "-c", "from blazepose.cli import main; main()", "track", "in"]
    process = subprocess.Popen(
        [*command, "--model", "lite", "--poses-only", "--jobs", "2"], start_new_session=True
    )
    deadline = time.monotonic() + 60
    while len(list(Path("out").rglob("*.part"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 1
    assert files("out") == {"a/poses.jsonl", "b/poses.jsonl"}
    assert 1 < len(lines("out/a/poses.jsonl")) < 2000


def test_a_job_whose_results_cannot_be_written_leaves_the_others_alone() -> None:
    Path("out").mkdir()
    Path("out/a").write_text("a file, where a folder is needed\n")
    assert run(["track", "in", "--jobs", "2", "--model", "lite"]) == 2
    assert len(lines("out/b/poses.jsonl")) == 13
