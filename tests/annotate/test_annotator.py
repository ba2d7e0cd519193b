"""What a job leaves in its folder, however it ends. The finder of people is a fake."""

import itertools
import json
import os
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from blazepose.annotate import Annotator, Background, Job, Options, Summary, annotator, plan
from blazepose.errors import OutputError, SourceError
from blazepose.pose import Frame, Pose
from blazepose.skeleton import BLAZEPOSE33
from blazepose.track import Estimator, Tracker
from blazepose.video import VideoWriter, frames, read_image, write_image
from standing import standing_pose

WIDTH, HEIGHT = 96, 64
FRAMES = 6


class Finder(Tracker, Estimator):
    """Stands for both kinds of finders: sees one person in every second frame."""

    made: list[str]
    resets: int
    skeleton = BLAZEPOSE33

    def __init__(self, model: str, **options: object) -> None:
        self.made.append(model)
        self._turn = itertools.repeat(0)

    def reset(self, *, ids: bool = False) -> None:
        assert ids
        type(self).resets += 1
        self._turn = itertools.count()

    def track(self, frames: Iterable[Frame], *, live: bool) -> Iterator[tuple[Frame, list[Pose]]]:
        assert not live
        return ((frame, self(frame)) for frame in frames)

    def __call__(self, frame: Frame, *, people: object = 1) -> list[Pose]:
        seen = next(self._turn) % 2 == 0
        return [standing_pose(center_xy=(WIDTH / 2, HEIGHT / 2), px_per_m=20)] if seen else []


@pytest.fixture(autouse=True)
def finder(monkeypatch: pytest.MonkeyPatch) -> type[Finder]:
    Finder.made, Finder.resets = [], 0
    monkeypatch.setattr(annotator, "Tracker", Finder)
    monkeypatch.setattr(annotator, "Estimator", Finder)
    return Finder


def image(index: int = 0) -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 40 * index + 20, np.uint8)


def write_clip(path: Path, count: int = FRAMES) -> Path:
    with VideoWriter(path, width=WIDTH, height=HEIGHT, fps=30) as writer:
        for index in range(count):
            writer.write(image(index % FRAMES), index / 30)
    return path


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4")


def job_of(source: Path) -> Job:
    (job,) = plan(source, source.parent / "out")
    return job


def run(source: Path, watch: Callable[..., bool] | None = None, **options: object) -> Summary:
    return Annotator(Options(**options))(job_of(source), watch)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def poses(folder: Path) -> list[dict]:
    """Header and lines of the poses file."""
    return [json.loads(line) for line in (folder / "poses.jsonl").read_text().splitlines()]


def test_a_clip_becomes_a_video_poses_and_a_figure(clip: Path) -> None:
    summary = run(clip, formats=("jsonl", "csv"))
    out = clip.parent / "out"
    assert names(out) == {"clip.mp4", "poses.jsonl", "poses.csv", "skeleton_3d.png"}
    assert {path.name for path in summary.outputs} == names(out)
    assert (summary.frames, summary.frames_with_person) == (FRAMES, FRAMES // 2)
    assert 0 < summary.search_seconds < summary.seconds
    assert (summary.problem, summary.stopped) == (None, False)
    header, *lines = poses(out)
    assert (header["source"], header["width"], header["height"]) == ("clip.mp4", WIDTH, HEIGHT)
    assert [len(line["people"]) for line in lines] == [1, 0] * (FRAMES // 2)


def test_the_person_is_drawn_at_the_time_of_the_frame(clip: Path) -> None:
    run(clip)
    before, after = list(frames(clip)), list(frames(clip.parent / "out" / "clip.mp4"))
    changed = [np.abs(a.image.astype(int) - b.image).max() for a, b in zip(before, after)]  # noqa: B905
    assert [frame.time_s for frame in after] == pytest.approx([frame.time_s for frame in before])
    assert [change > 60 for change in changed] == [True, False] * (FRAMES // 2)


def test_the_speed_is_written_when_asked_for(clip: Path) -> None:
    pictures = []

    def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: np.ndarray) -> bool:
        pictures.append(picture)
        return True

    run(clip, watch)
    run(clip, watch, fps_on_picture=True)
    plain, with_speed = pictures
    assert (plain != with_speed).any()


def test_the_sound_of_a_clip_is_kept(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "loud.mp4"), "w") as file:
        video, sound = file.add_stream("libx264", rate=30), file.add_stream("aac", rate=48000)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for index in range(FRAMES):
            file.mux(video.encode(av.VideoFrame.from_ndarray(image(index), "rgb24")))
        file.mux(video.encode(None))
        heard = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        heard.sample_rate = 48000
        file.mux(sound.encode(heard))
        file.mux(sound.encode(None))
    run(tmp_path / "loud.mp4")
    with av.open(str(tmp_path / "out" / "loud.mp4")) as file:
        assert len(file.streams.audio) == 1


def test_photos_share_a_poses_file_that_says_the_size_of_each(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_image(tmp_path / "in" / "a.jpg", image())
    write_image(tmp_path / "in" / "b.png", image()[:40])
    summary = run(tmp_path / "in")
    out = tmp_path / "out"
    assert names(out) == {"a.jpg", "b.png", "poses.jsonl", "skeleton_3d.png"}
    assert read_image(out / "b.png").shape == (40, WIDTH, 3)
    header, *lines = poses(out)
    assert (header["width"], header["height"], summary.frames) == (None, None, 2)
    assert [(line["file"], line["height"]) for line in lines] == [("a.jpg", HEIGHT), ("b.png", 40)]


def test_a_broken_photo_among_others_is_told_and_skipped(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_image(tmp_path / "in" / "b.png", image())
    (tmp_path / "in" / "a.jpg").write_text("no photo")
    summary = run(tmp_path / "in")
    assert "a.jpg is not an image" in str(summary.problem)
    assert names(tmp_path / "out") == {"b.png", "poses.jsonl", "skeleton_3d.png"}


def test_an_empty_photo_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_image(tmp_path / "in" / "b.png", image())
    (tmp_path / "in" / "a.jpg").touch()
    summary = run(tmp_path / "in")
    assert "a.jpg is empty" in str(summary.problem)
    assert "b.png" in names(tmp_path / "out")


def test_photos_of_one_name_in_several_folders_are_told_apart(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        write_image(tmp_path / "in" / folder / "a.png", image())
    (job,) = plan(f"{tmp_path}/in/*/*.png", tmp_path / "out")
    Annotator(Options(formats=("jsonl", "csv")))(job)
    assert [line["file"] for line in poses(tmp_path / "out")[1:]] == ["one/a.png", "two/a.png"]
    assert "one/a.png" in (tmp_path / "out" / "poses.csv").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_a_name_that_is_no_text_is_written_all_the_same(tmp_path: Path) -> None:
    source = write_clip(tmp_path / os.fsdecode(b"caf\xe9.mp4"))
    run(source, formats=("jsonl", "csv"))
    header, *_ = poses(tmp_path / "out")
    assert header["source"] == "caf\N{REPLACEMENT CHARACTER}.mp4"


def test_nothing_is_written_where_nothing_can_be_read(tmp_path: Path) -> None:
    write_image(tmp_path / "whole.png", np.random.default_rng(0).integers(0, 255, (64, 64, 3), "B"))
    cut = tmp_path / "cut.png"
    cut.write_bytes((tmp_path / "whole.png").read_bytes()[:5000])
    with pytest.raises(SourceError, match=r"cut\.png"):
        run(cut)
    assert not (tmp_path / "out").exists()


def test_a_clip_without_people_has_no_figure(clip: Path, finder: type, monkeypatch) -> None:
    monkeypatch.setattr(finder, "__call__", lambda self, frame: [])
    summary = run(clip)
    assert summary.frames_with_person == 0
    assert names(clip.parent / "out") == {"clip.mp4", "poses.jsonl"}


def test_the_watcher_sees_every_frame_and_can_stop(clip: Path) -> None:
    seen = []

    def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: np.ndarray) -> bool:
        seen.append((summary.frames, frame.index, len(poses), picture.shape))
        return summary.frames == 3

    summary = run(clip, watch)
    assert seen == [(i + 1, i, 1 - i % 2, (HEIGHT, WIDTH, 3)) for i in range(3)]
    assert summary.stopped
    assert summary.problem == "stopped after 3 frames, which are kept"
    out = clip.parent / "out"
    assert len(list(frames(out / "clip.mp4"))) == len(poses(out)) - 1 == 3
    assert names(out) == {"clip.mp4", "poses.jsonl", "skeleton_3d.png"}


@pytest.mark.parametrize(
    ("error", "left"),
    [(KeyboardInterrupt, {"clip.mp4", "poses.jsonl"}), (RuntimeError, {"poses.jsonl.part"})],
)
def test_after_ctrl_c_files_are_complete_and_after_an_error_none_looks_so(
    clip: Path, error: type[BaseException], left: set[str]
) -> None:
    def watch(summary: Summary, *others: object) -> bool:
        if summary.frames == 3:
            raise error
        return False

    with pytest.raises(error):
        run(clip, watch)
    assert names(clip.parent / "out") == left


def test_a_folder_that_cannot_be_made_is_told(clip: Path) -> None:
    (clip.parent / "out").write_text("a file")
    with pytest.raises(OutputError, match=r"cannot make the folder .*out .*choose another place"):
        run(clip)


def test_a_full_disk_is_told_and_nothing_looks_finished(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    noise = np.random.default_rng(0).integers(0, 255, (40, HEIGHT, WIDTH, 3), "B")
    source = tmp_path / "noise.mp4"
    with VideoWriter(source, width=WIDTH, height=HEIGHT) as writer:
        for index, picture in enumerate(noise):
            writer.write(picture, index / 30)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (source.stat().st_size // 2, before[1]))
    try:
        with pytest.raises(OutputError, match=r"cannot write .*noise\.mp4"):
            run(source)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert all(name.endswith(".part") for name in names(tmp_path / "out"))


def test_networks_are_loaded_once_and_each_clip_begins_anew(clip: Path, finder: type) -> None:
    other = write_clip(clip.parent / "other.mp4")
    run_job = Annotator(Options(model="lite"))
    for source in (clip, other, clip):
        run_job(job_of(source))
    assert (finder.made, finder.resets) == (["lite"], 3)


def test_frames_are_let_go(tmp_path: Path) -> None:
    seen: list[weakref.ref[np.ndarray]] = []

    def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: np.ndarray) -> bool:
        seen.append(weakref.ref(frame.image))
        seen.append(weakref.ref(picture))
        assert sum(ref() is not None for ref in seen) < 20
        return False

    summary = run(write_clip(tmp_path / "long.mp4", 60), watch)
    assert summary.frames == 60


def test_what_is_no_person_gives_way_to_the_background_and_nobody_is_tinted(
    clip: Path, finder: type[Finder], monkeypatch: pytest.MonkeyPatch
) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[:, : WIDTH // 2] = 1
    person = replace(standing_pose(center_xy=(-500.0, 0.0)), mask=mask)
    monkeypatch.setattr(finder, "__call__", lambda self, frame: [person])
    pictures = []

    def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: np.ndarray) -> bool:
        pictures.append((frame.image, picture))
        return True

    run(clip, watch, background=Background.parse("#20a060"))
    ((before, after),) = pictures
    assert (after[10, 10] == before[10, 10]).all()
    assert tuple(after[10, WIDTH - 10]) == (32, 160, 96)


def test_in_a_photo_the_choice_is_made_among_everybody(
    tmp_path: Path, finder: type[Finder], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def search(self: Finder, frame: Frame, *, people: object) -> list[Pose]:
        asked.append(people)
        return [
            standing_pose(center_xy=(20.0, 32.0), px_per_m=10, person_id=0),
            standing_pose(center_xy=(70.0, 32.0), px_per_m=20, person_id=1),
        ]

    monkeypatch.setattr(finder, "__call__", search)
    write_image(tmp_path / "a.png", image())
    run(tmp_path / "a.png", follow="largest")
    (line,) = poses(tmp_path / "out")[1:]
    assert [person["id"] for person in line["people"]] == [1]
    assert asked == ["all"]


def test_a_point_outside_of_the_frame_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", image())
    with pytest.raises(SourceError, match=f"{WIDTH}x{HEIGHT} px"):
        run(tmp_path / "a.png", follow=(WIDTH + 1.0, 0.0))
    assert not (tmp_path / "out").exists()


def test_among_photos_that_it_lies_outside_of_is_told_and_the_others_are_done(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    write_image(tmp_path / "in" / "a.png", image()[:, :40])
    write_image(tmp_path / "in" / "b.png", image())
    summary = run(tmp_path / "in", follow=(60.0, 10.0))
    assert summary.frames == 2
    assert "a.png: " in str(summary.problem)
    assert "40x64 px" in str(summary.problem)
