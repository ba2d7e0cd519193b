"""`blazepose track`: right results, and bad input told in one line with nothing left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from blazepose.cli import run
from blazepose.nets.build import build
from blazepose.skeleton import COCO17
from blazepose.video import VideoWriter, frames, write_image
from blazepose.weights import store
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint
from blazepose.weights.task import DETECTOR, LANDMARKS

WIDTH, HEIGHT = 96, 64
VIDEOS = Path(__file__).parents[3] / "shared" / "data" / "videos"


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    (tmp_path / "place").mkdir()
    monkeypatch.chdir(tmp_path / "place")
    return tmp_path / "place"


@pytest.fixture
def squat() -> Path:
    clip = VIDEOS / "squat_front.mp4"
    if not clip.is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    return clip


def photo(path: str) -> None:
    write_image(path, np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), "B"))


def clip(path: str, count: int = 20) -> None:
    with VideoWriter(path, width=WIDTH, height=HEIGHT, fps=30) as writer:
        for index in range(count):
            noise = np.random.default_rng(index % 20).integers(0, 255, (HEIGHT, WIDTH, 3), "B")
            writer.write(noise, index / 30)


def cut(path: str, share: float) -> None:
    content = Path(path).read_bytes()
    Path(path).write_bytes(content[: int(len(content) * share)])


def names(folder: str | Path) -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


def poses(path: str | Path = "out/poses.jsonl") -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def refused(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that a refused command line writes; it leaves no results."""
    assert run(["track", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: [^\n]+\n", err)
    assert "Traceback" not in err
    assert not Path("out").is_dir() or not names("out")
    return err


# What is found out before any network is loaded.


def test_a_missing_file_offers_near_names(capfd) -> None:
    photo("squat.png")
    assert "no such file: sqat.png: did you mean squat.png?" in refused(capfd, "sqat.png")


def test_an_empty_file_is_told(capfd) -> None:
    Path("a.mp4").touch()
    assert "a.mp4 is empty, 0 bytes" in refused(capfd, "a.mp4")


@pytest.mark.parametrize("files", [[], ["notes.txt"]])
def test_a_folder_without_media_is_told(capfd, files: list[str]) -> None:
    Path("in").mkdir()
    for file in files:
        Path("in", file).write_text("no media")
    assert "no media in the folder in: looked for images (" in refused(capfd, "in")


def test_results_do_not_overwrite_their_source(capfd, place: Path) -> None:
    photo("a.png")
    before = Path("a.png").read_bytes()
    assert "choose another folder" in refused(capfd, "a.png", "--out", ".")
    assert names(place) == {"a.png"}
    assert Path("a.png").read_bytes() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--detector", "findr"],
            "unknown detector 'findr': did you mean 'finder'? Known: detector",
        ),
        (["--model", "ful"], "unknown model 'ful': did you mean 'full' or 'full-plus'?"),
        (["--model", "my.tflite"], "model file my.tflite does not exist"),
        (["--format", "jsonl,cvs"], "unknown poses format 'cvs': did you mean 'csv'?"),
        (["--format", ","], "unknown poses format ''"),
        (["--people", "0"], "--people: people must be a number from 1 on, or 'all'; got 0"),
        (["--follow", "tallest"], "--follow: expected largest, central, a point X,Y"),
        (["--follow", "1"], "an id is given by --id"),
        (["--follow", "1,2,3"], "--follow: expected a point (x, y) or a box"),
        (["--follow", "9,9,3,3"], "with x0 < x1 and y0 < y1"),
        (["--follow", "central", "--id", "2"], "expected one of --follow and --id"),
        (["--id", "1"], "--id: nobody keeps an id from photo to photo"),
        (["--background", "gren"], "expected blur, a colour like white or #20a060, or an image"),
        (["--background", "no.png"], "no such file: no.png"),
        (["--threads", "0"], "'--threads'"),
        (["--threads", "two"], "'--threads'"),
        (["--runtime", "opnvino"], "unknown runtime 'opnvino': did you mean 'openvino'"),
    ],
)
def test_a_wrong_option_is_told(capfd, options: list[str], message: str) -> None:
    photo("a.png")
    assert message in refused(capfd, "a.png", *options)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_show_without_a_screen_is_told(capfd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.setattr("blazepose.cli.track.pull", lambda *_: None)
    photo("a.png")
    assert "cannot open a window" in refused(capfd, "a.png", "--show")


@pytest.mark.parametrize(
    "option", [["--show"], ["--mask"], ["--background", "blur"], ["--fps"]], ids=lambda o: o[0]
)
def test_what_is_asked_of_pictures_that_are_not_made_is_refused(capfd, option) -> None:
    photo("a.png")
    said = refused(capfd, "a.png", "--poses-only", *option)
    assert f"expected one of {option[0]} and --poses-only, got both" in said


# What only shows when networks or media are read.


def text_video() -> str:
    Path("text.mp4").write_text("no video\n" * 100)
    return "text.mp4"


def text_photo() -> str:
    Path("text.jpg").write_text("no photo\n" * 100)
    return "text.jpg"


def cut_photo() -> str:
    photo("cut.png")
    cut("cut.png", 0.5)
    return "cut.png"


def no_frames() -> str:
    with av.open("nothing.mp4", "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        file.start_encoding()
    return "nothing.mp4"


def sound_alone() -> str:
    with av.open("sound.m4a", "w", format="mp4") as file:
        stream = file.add_stream("aac", rate=48000)
        heard = av.AudioFrame.from_ndarray(np.zeros((1, 2048), np.float32), "fltp", "mono")
        heard.sample_rate = 48000
        file.mux([*stream.encode(heard), *stream.encode(None)])
    return "sound.m4a"


def no_camera() -> str:
    return "97"


@pytest.mark.weights
@pytest.mark.parametrize(
    "make", [text_video, text_photo, cut_photo, no_frames, sound_alone, no_camera]
)
def test_a_source_that_cannot_be_read_is_told(capfd, make: Callable[[], str]) -> None:
    source = make()
    assert source in refused(capfd, source, "--model", "lite")


@pytest.mark.weights
def test_a_file_in_the_place_of_the_folder_is_told(capfd) -> None:
    photo("a.png")
    Path("out").write_text("mine")
    message = refused(capfd, "a.png", "--model", "lite")
    assert "cannot make the folder out (" in message
    assert Path("out").read_text() == "mine"


@pytest.mark.weights
@pytest.mark.parametrize("content", [b"\0", b"no model", bytes(range(256)) * 40, b"\0\0\0\0TFL3"])
@pytest.mark.parametrize(
    ("name", "runtime"),
    [
        *(("bad.tflite", "openvino"), ("bad.tflite", "litert")),
        *(("bad.onnx", "openvino"), ("bad.xml", "openvino"), ("bad.task", "openvino")),
    ],
)
def test_a_file_that_is_no_model_is_told_without_noise(
    capfd, name: str, runtime: str, content: bytes
) -> None:
    if runtime == "litert":
        pytest.importorskip("ai_edge_litert")
    photo("a.png")
    Path(name).write_bytes(content)
    message = refused(capfd, "a.png", "--model", name, "--runtime", runtime)
    assert re.search(rf"{name}.* (again|task file)", message)


def sees_somebody_everywhere() -> Checkpoint:
    """The paper's network for 17 points, which puts an upright person into the middle of a crop."""
    network = build("paper-lite", skeleton=COCO17)
    height = {"hip": 0.5, "knee": 0.7, "ankle": 0.5 + 1 / (2 * 1.1 * 1.25)}  # fills its region
    shares = [[0.5, height.get(name.split("_")[-1], 0.3)] for name in COCO17.names]
    places = [[(share - 0.5) * 256 / 16 for share in xy] for xy in shares]  # in steps of 16 px
    for head, value in ((network.coordinates, places), (network.visibility, [[4.0]] * 17)):
        torch.nn.init.zeros_(head.weight)
        head.bias.data = torch.tensor(value).flatten()
    return Checkpoint("paper-lite", network, COCO17)


@pytest.mark.weights
def test_a_network_for_other_points_writes_and_draws_them(capfd, place: Path) -> None:
    save_checkpoint(sees_somebody_everywhere(), Path("mine.safetensors"))
    clip("a.mp4", 3)
    there = f"0,0,{WIDTH},{HEIGHT}"
    arguments = ["--model", "mine.safetensors", "--follow", there, "--format", "jsonl,csv"]
    assert run(["track", "a.mp4", *arguments]) == 0
    assert "no 3-D figure: the model sees no depth" in capfd.readouterr().err
    assert names("out") == {"a.mp4", "poses.jsonl", "poses.csv"}
    header, line, *_ = poses()
    assert header["skeleton"] == "coco17"
    (person,) = line["people"]
    assert len(person["points"]) == len(person["world"]) == 17
    assert person["world"][0] == [None, None, None]


@pytest.mark.weights
@pytest.mark.parametrize("runtime", ["openvino", "litert"])
def test_another_network_is_told_with_what_it_has(capfd, runtime: str) -> None:
    photo("a.png")
    file = str(store.path("detector"))
    message = refused(capfd, "a.png", "--model", file, "--runtime", runtime)
    assert "is no landmark network: expected input (256, 256, 3)" in message


@pytest.mark.weights
def test_a_bundle_with_a_damaged_network_is_told(capfd) -> None:
    photo("a.png")
    with zipfile.ZipFile("my.task", "w") as bundle:
        bundle.write(store.path("detector"), DETECTOR)
        bundle.writestr(LANDMARKS, b"no network")
    assert "cannot read" in refused(capfd, "a.png", "--model", "my.task")


def one_pixel(image: Image.Image) -> Image.Image:
    return image.resize((1, 1))


def grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


def transparent(image: Image.Image) -> Image.Image:
    return image.convert("RGBA")


def deep(image: Image.Image) -> Image.Image:
    return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)


def print_colours(image: Image.Image) -> Image.Image:
    return image.convert("CMYK")


@pytest.mark.weights
@pytest.mark.parametrize(
    ("name", "change"),
    [
        *(("a.png", one_pixel), ("a.jpg", grey), ("a.png", transparent), ("a.png", deep)),
        ("a.jpg", print_colours),
    ],
)
def test_a_photo_of_any_kind_goes_through(
    capfd, name: str, change: Callable[[Image.Image], Image.Image]
) -> None:
    photo("noise.png")
    change(Image.open("noise.png")).save(name)
    assert run(["track", name, "--model", "lite"]) == 0
    out, err = capfd.readouterr()
    assert "a person in 0 of 1 photos" in out
    assert err == ""
    assert names("out") == {name, "poses.jsonl"}


@pytest.mark.weights
def test_that_the_first_of_several_pictures_is_taken_is_a_warning(capfd) -> None:
    photo("a.png")
    pages = [Image.open("a.png")] * 2
    pages[0].save("a.tiff", save_all=True, append_images=pages[1:])
    assert run(["track", "a.tiff", "--model", "lite"]) == 0
    assert "warning: a.tiff holds 2 pictures, of which the first" in capfd.readouterr().err


# The main job.


@pytest.mark.weights
@pytest.mark.shared
def test_a_person_is_followed_and_everything_is_written(capfd, squat: Path) -> None:
    pytest.importorskip("pyarrow")
    arguments = ["--model", "lite", "--format", "jsonl,csv,npz,parquet", "--fps", "--mask"]
    assert run(["track", str(squat), *arguments]) == 0
    out, err = capfd.readouterr()
    files = {f"poses.{kind}" for kind in ("jsonl", "csv", "npz", "parquet")}
    assert names("out") == files | {"squat_front.mp4", "skeleton_3d.png"}
    assert "a person in 65 of 65 frames" in out
    assert all(str(Path("out", name)) in out for name in names("out"))
    assert err == ""
    header, *lines = poses()
    assert (header["model"], header["skeleton"]) == ("lite", "blazepose33")
    assert {person["id"] for line in lines for person in line["people"]} == {1}


@pytest.mark.weights
def test_results_of_an_earlier_run_are_told_and_kept(capfd) -> None:
    photo("a.png")
    clip("b.mp4", 5)
    assert run(["track", "a.png", "--model", "lite"]) == 0
    assert run(["track", "b.mp4", "--model", "lite", "--format", "csv"]) == 0
    assert "of an earlier run, and not of this clip: out/poses.jsonl" in capfd.readouterr().err
    assert names("out") == {"a.png", "b.mp4", "poses.jsonl", "poses.csv"}


@pytest.mark.weights
def test_nobody_to_follow_is_told(capfd) -> None:
    clip("a.mp4", 5)
    assert run(["track", "a.mp4", "--model", "lite", "--id", "7"]) == 0
    assert "nobody to follow by 7 was found: --people all" in capfd.readouterr().err


@pytest.mark.weights
@pytest.mark.shared
def test_keypoints_are_listed_by_name(capfd, squat: Path) -> None:
    image = next(iter(frames(squat))).image
    write_image("squat.png", image)
    assert run(["track", "squat.png", "--model", "lite", "--print"]) == 0
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("squat.png  ")]
    assert len(lines) == 33
    assert re.match(r"squat\.png  person 0  left_ankle +x +[\d.]+  y +[\d.]+  z", lines[27])


@pytest.mark.weights
def test_poses_up_to_the_cut_of_a_video_are_kept_and_the_cut_is_told(capfd) -> None:
    clip("clip.mp4", 60)  # its index is in front
    cut("clip.mp4", 0.5)
    assert run(["track", "clip.mp4", "--model", "lite"]) == 0
    err = capfd.readouterr().err
    assert re.fullmatch(r"warning: clip.mp4 is damaged or cut, \d+ of 60 frames read: .*\n", err)
    count = len(poses()) - 1
    assert 20 < count < 40
    assert len(list(frames("out/clip.mp4"))) == count


@pytest.mark.weights
def test_of_several_videos_a_broken_one_is_told_and_the_others_are_done(capfd) -> None:
    Path("in").mkdir()
    clip("in/a.mp4")
    Path("in/a.mkv").write_bytes(Path("in/a.mp4").read_bytes())
    Path("in/b.mp4").write_text("no video")
    assert run(["track", "in", "--model", "lite"]) == 2
    out, err = capfd.readouterr()
    assert names("out") == {"a.mp4", "a.mkv"}
    for folder in ("out/a.mp4", "out/a.mkv"):
        assert names(folder) == {"a.mp4", "poses.jsonl"}
        assert len(poses(f"{folder}/poses.jsonl")) == 21
    assert out.count("a person in 0 of 20 frames") == 2
    assert re.fullmatch(r"error: cannot open in.b\.mp4 as video [^\n]+\n", err)


@pytest.mark.weights
def test_of_several_photos_a_broken_one_is_told_and_the_others_are_done(capfd) -> None:
    Path("in").mkdir()
    photo("in/a.png")
    Path("in/b.jpg").write_text("no photo")
    assert run(["track", "in", "--model", "lite"]) == 2
    assert re.fullmatch(r"error: in.b\.jpg is not an image: [^\n]+\n", capfd.readouterr().err)
    assert names("out") == {"a.png", "poses.jsonl"}


@pytest.mark.weights
@pytest.mark.parametrize("runtime", ["openvino", "litert"])
def test_runtimes_do_not_write_on_the_screen(capfd, runtime: str) -> None:
    photo("a.png")
    if runtime == "litert":
        pytest.importorskip("ai_edge_litert")
    assert run(["track", "a.png", "--model", "lite", "--runtime", runtime]) == 0
    assert capfd.readouterr().err == ""


# In a process of its own.


def start(*arguments: str) -> subprocess.Popen[str]:
    code = "from blazepose.cli import main; main()"
    command = [sys.executable, "-c", code, "track", *arguments, "--model", "lite"]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def started() -> subprocess.Popen[str]:
    """The program, some frames into a long clip."""
    clip("long.mp4", 3000)
    process = start("long.mp4")
    part = Path("out/poses.jsonl.part")
    for _ in range(600):
        if part.is_file() and part.stat().st_size > 500:
            break
        time.sleep(0.1)
    return process


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.skipif(os.name != "posix", reason="no SIGINT for a single process")
@pytest.mark.parametrize("numbers", [["SIGINT"], ["SIGINT", "SIGINT"], ["SIGTERM"], ["SIGHUP"]])
def test_ctrl_c_keeps_what_is_done(numbers: list[str]) -> None:
    """As does the end of a service or of a terminal."""
    process = started()
    for name in numbers:
        process.send_signal(getattr(signal, name))
        time.sleep(0.03)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    count = len(poses()) - 1
    assert 5 < count < 3000
    assert f"a person in 0 of {count} frames" in out
    kept = f"warning: stopped after {count} frames, which are kept\n"
    assert err.removesuffix("stopped\n") == kept  # of a second one that came at the very end
    assert names("out") == {"long.mp4", "poses.jsonl"}
    assert len(list(frames("out/long.mp4"))) == count


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.skipif(os.name != "posix", reason="pipes break otherwise")
def test_a_reader_of_the_keypoints_may_leave(squat: Path) -> None:
    process = start(str(squat), "--print")
    assert process.stdout
    assert process.stderr
    assert "nose" in process.stdout.readline()
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert re.fullmatch(r"warning: stopped after \d+ frames, which are kept\n", err)
    assert names("out") == {"squat_front.mp4", "poses.jsonl", "skeleton_3d.png"}
