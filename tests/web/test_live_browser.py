"""The page in a real browser, with a clip for a camera."""

import contextlib
import io
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from blazepose.video import frames
from blazepose.web import Options, Server

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CLIP = Path(__file__).parents[3] / "shared" / "data" / "videos" / "squat_front.mp4"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE_MS = 120_000
PAINTED = """() => {
    const canvas = document.getElementById("overlay");
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let left = 0, right = 0;
    for (let i = 0; i < data.length; i += 4) {
        left += data[i] === 230 && data[i + 1] === 159 && data[i + 2] === 0;
        right += data[i] === 86 && data[i + 1] === 180 && data[i + 2] === 233;
    }
    return [left, right];
}"""

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.weights, pytest.mark.shared]


@pytest.fixture(scope="module")
def camera(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip as the fake camera of Chromium reads it."""
    if not CLIP.is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    path = tmp_path_factory.mktemp("camera") / "squat.mjpeg"
    with path.open("wb") as file:
        for frame in frames(CLIP):
            Image.fromarray(frame.image).resize((360, 640)).save(part := io.BytesIO(), "JPEG")
            file.write(part.getvalue())
    return path


@pytest.fixture
def page(camera: Path) -> Iterator[Any]:
    """A browser's page; at its end the console must be clean and nobody else asked."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"no Chromium on this machine: looked for {', '.join(NAMES)}")
    arguments = ["use-fake-device-for-media-stream", "use-fake-ui-for-media-stream"]
    arguments.append(f"use-file-for-fake-video-capture={camera}")
    complaints: list[str] = []
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=program, args=[f"--{word}" for word in arguments], timeout=PATIENCE_MS
        )
        opened = browser.new_page(viewport={"width": 1000, "height": 700}, reduced_motion="reduce")
        opened.set_default_timeout(PATIENCE_MS)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("request", lambda r: "127.0.0.1" in r.url or complaints.append(r.url))
        yield opened
        browser.close()
    assert [c for c in complaints if not c.startswith(("WebSocket connection", "blob:"))] == []


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    with Server(Options("lite", "squat"), port=0) as server:
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield server
        server.stop()
        thread.join(60)


def element(page: Any, name: str) -> Any:
    """What can be expected of an element, in time."""
    return playwright.expect(page.locator(f"#{name}"))


def test_the_camera_is_drawn_on_and_counted_and_the_seat_freed(page: Any, tmp_path: Path) -> None:
    with serving() as server:
        page.goto(server.url)
        page.click("#camera")
        element(page, "count").not_to_contain_text("0", timeout=PATIENCE_MS)
        element(page, "speed").to_contain_text("fps")
        assert min(page.evaluate(PAINTED)) > 200
        assert page.inner_text("#angles").count("°") == 11
        assert server.seated == 1
        page.screenshot(path=tmp_path / "live.png")
        page.goto("about:blank")
        while server.seated:
            page.wait_for_timeout(50)


def test_a_clip_stays_in_the_browser_and_its_squat_is_counted_once(page: Any) -> None:
    with serving() as server:
        page.goto(server.url)
        page.evaluate("document.getElementById('video').defaultPlaybackRate = 0.25")
        page.set_input_files("#file", CLIP)
        element(page, "message").to_contain_text("The clip has ended", timeout=PATIENCE_MS)
        assert page.inner_text("#count").split() == ["1", "repetition"]


def test_a_server_that_goes_is_told_and_the_count_kept(page: Any) -> None:
    with serving() as server:
        page.goto(server.url)
        page.click("#camera")
        element(page, "count").not_to_contain_text("0", timeout=PATIENCE_MS)
    element(page, "message").to_contain_text("The connection is lost", timeout=PATIENCE_MS)
    element(page, "count").not_to_contain_text("0")
