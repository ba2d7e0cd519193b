"""The one way in: every kind of source becomes frames, and nothing stays open."""

import functools
import gc
import http.server
import itertools
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from av.container import InputContainer
from av.video.frame import VideoFrame
from clips import colour, cut, noise, plain, write_clip

from blazepose.errors import SourceError
from blazepose.video import FrameSource, frames, write_image
from blazepose.video.decode import Clip


@pytest.fixture(autouse=True)
def _no_thread_and_no_file_stays() -> Iterator[None]:
    threads, files = threading.active_count(), _open_files()
    yield
    assert threading.active_count() <= threads
    assert _open_files() == files


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", [plain(i) for i in range(20)])


def test_a_video_gives_its_frames_and_no_problem(clip: Path) -> None:
    source = frames(str(clip))
    assert (source.info.kind, source.info.width, source.info.height) == ("video", 64, 48)
    assert [frame.index for frame in source] == list(range(20))
    assert source.problem is None


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("read", [21, 3, 0, None])
def test_a_decoder_is_gone_at_once_however_much_was_read(clip: Path, read: int | None) -> None:
    if read is None:
        assert frames(clip).info.frame_count == 20
    else:
        given = iter(frames(clip))
        assert len(list(itertools.islice(given, read))) == min(read, 20)
        del given
    kinds = Clip, InputContainer, VideoFrame
    left = [o for o in gc.get_objects() if issubclass(type(o), kinds)]
    assert all(isinstance(o, VideoFrame) and o.width <= 16 for o in left)


def test_an_iterator_that_was_never_asked_keeps_no_file(clip: Path) -> None:
    before = _open_files()
    with frames(clip) as source:
        given = iter(source)
    assert _open_files() == before
    del given


def test_a_photo_is_a_clip_of_one_frame(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", plain(1))
    source = frames(tmp_path / "a.png")
    assert (source.info.kind, source.info.frame_count, source.info.fps) == ("image", 1, None)
    [frame] = source
    np.testing.assert_array_equal(frame.image, plain(1))
    assert (frame.time_s, frame.index, frame.source) == (0, 0, str(tmp_path / "a.png"))


def test_a_folder_gives_all_its_media_each_from_the_start(tmp_path: Path, clip: Path) -> None:
    write_image(tmp_path / "b10.png", plain(1))
    write_image(tmp_path / "b9.png", plain(2))
    source = frames(tmp_path)
    seen = [(Path(frame.source).name, frame.index) for frame in source]
    assert seen == [("b9.png", 0), ("b10.png", 0), *[("clip.mp4", i) for i in range(20)]] or (
        seen == [*[("clip.mp4", i) for i in range(20)], ("b9.png", 0), ("b10.png", 0)]
    )
    assert source.info.frame_count is None


def test_the_number_of_photos_in_a_folder_is_known(tmp_path: Path) -> None:
    for i in range(3):
        write_image(tmp_path / f"{i}.jpg", plain(i))
    source = frames(f"{tmp_path}/*.jpg")
    assert source.info.frame_count == 3
    assert len(list(source)) == 3


def test_a_broken_file_among_many_is_reported_and_the_rest_goes_on(
    tmp_path: Path, clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a.jpg").write_text("no photo")
    write_image(tmp_path / "d.png", noise(0))
    (tmp_path / "d.png").write_bytes((tmp_path / "d.png").read_bytes()[:400])
    write_image(tmp_path / "e.png", plain(0))
    source = frames(tmp_path)
    with caplog.at_level(logging.WARNING):
        names = {Path(frame.source).name for frame in source}
    assert names == {"clip.mp4", "e.png"}
    assert source.problem is not None
    assert "a.jpg is not an image" in source.problem
    assert "d.png" in source.problem
    assert "\n" not in source.problem
    assert len(caplog.records) == 2


def test_many_problems_still_make_one_short_line(tmp_path: Path) -> None:
    for i in range(9):
        (tmp_path / f"{i}.jpg").write_text("no photo")
    write_image(tmp_path / "z.png", plain(0))
    source = frames(tmp_path)
    assert len(list(source)) == 1
    assert source.problem is not None
    assert source.problem.endswith("; and 6 more")


def test_only_broken_files_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("no photo")
    (tmp_path / "b.mp4").write_text("no video")
    with pytest.raises(SourceError, match=r"none of the 2 files can be read; the first: .*a\.jpg"):
        frames(tmp_path)


def test_a_single_broken_photo_is_an_error(tmp_path: Path) -> None:
    write_image(tmp_path / "a.png", noise(0))
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:400])
    with pytest.raises(SourceError, match=r"cannot read the image .*a\.png"):
        list(frames(tmp_path / "a.png"))


def test_a_cut_video_is_reported_after_its_frames(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = write_clip(tmp_path / "a.mp4", [noise(i) for i in range(60)])
    source = frames(cut(whole, 0.5))
    count = sum(1 for _ in source)
    assert source.problem is not None
    assert f"{count} of 60 frames" in source.problem
    assert caplog.messages == [source.problem]


def test_a_break_closes_everything(clip: Path) -> None:
    before = threading.active_count()  # other libraries may keep threads of their own
    source = frames(clip)
    for _ in source:
        break
    assert threading.active_count() == before


def test_an_error_in_the_loop_closes_everything(clip: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        [1 // frame.index for frame in frames(clip)]


def test_the_context_manager_closes_a_source_that_was_never_read(clip: Path) -> None:
    with frames(clip) as source:
        assert source.info.frame_count == 20


def test_closing_ends_an_iteration_that_goes_on(clip: Path) -> None:
    with frames(clip) as source:
        running = iter(source)
        next(running)
    assert list(running) == []


def test_a_source_can_be_read_again(clip: Path) -> None:
    source = frames(clip)
    for _ in source:
        break
    assert len(list(source)) == 20
    assert len(list(source)) == 20


def test_frames_stay_as_they_are_while_others_are_decoded(clip: Path) -> None:
    for i, frame in enumerate(list(frames(clip))):
        np.testing.assert_allclose(frame.image.reshape(-1, 3).mean(0), colour(i), atol=4)


@pytest.mark.parametrize("source", [97, "97"])
def test_a_number_is_a_camera(source: int | str) -> None:
    with pytest.raises(SourceError, match="camera 97 gives no picture"):
        frames(source)


def test_an_array_is_refused_with_advice() -> None:
    code = "import numpy, blazepose.video; blazepose.video.frames(numpy.zeros((4, 4, 3), 'uint8'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "TypeError: expected a file, folder" in done.stderr
    assert "got ndarray: an array goes straight to the tracker" in done.stderr


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/a.mp4", "rtsp://127.0.0.1:9/a"])
def test_a_stream_that_nobody_serves_is_told(url: str) -> None:
    with pytest.raises(SourceError, match=r"cannot open .*127\.0\.0\.1.*is the address right\?"):
        frames(url)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[http.server.ThreadingHTTPServer]:
    handler = functools.partial(_Handler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and one of them as a broadcast that goes on for a second."""

    def do_GET(self) -> None:
        if not self.path.startswith("/live"):
            return super().do_GET()
        self.send_response(200)
        self.end_headers()
        data = (Path(self.directory) / "live.ts").read_bytes()
        step = len(data) // 50 + 1
        for at in range(0, len(data), step):
            self.wfile.write(data[at : at + step])
            time.sleep(0.02)
        return None

    def log_message(self, *args: object) -> None:
        """Silent."""


def _url(server: http.server.ThreadingHTTPServer, name: str) -> FrameSource:
    return frames(f"http://127.0.0.1:{server.server_address[1]}/{name}")


def test_a_file_behind_a_url_is_read_whole(
    clip: Path, server: http.server.ThreadingHTTPServer
) -> None:
    source = _url(server, clip.name)
    assert (source.info.kind, source.info.live, source.info.frame_count) == ("stream", False, 20)
    assert len(list(source)) == 20
    assert source.problem is None


def test_a_broadcast_gives_its_newest_frames_on_the_readers_clock(
    tmp_path: Path, server: http.server.ThreadingHTTPServer
) -> None:
    write_clip(tmp_path / "live.ts", [noise(i) for i in range(60)])
    source = _url(server, "live")
    assert source.info.live
    seen = []
    for frame in source:
        seen.append(frame)
        time.sleep(0.1)
    assert 3 <= len(seen) < 20
    assert seen[-1].index > len(seen)
    times_s = [frame.time_s for frame in seen]
    assert times_s == sorted(times_s)
    assert times_s[-1] < 3
