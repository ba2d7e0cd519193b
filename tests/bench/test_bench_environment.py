from pathlib import Path

import pytest

from blazepose.bench import environment as module
from blazepose.bench.environment import environment, installed_bytes, site_packages
from blazepose.errors import DownloadError


def install(site: Path, name: str, size: int, requires: tuple[str, ...] = ()) -> None:
    """A package with one file of so many bytes, as pip leaves it."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    needs = "".join(f"Requires-Dist: {text}\n" for text in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    (site / f"{name}.bin").write_bytes(bytes(size))
    (info / "RECORD").write_text(f"{name}.bin,,\ngone.py,,\n")


def test_a_package_weighs_what_it_needs_too_each_once(tmp_path):
    install(tmp_path, "top", 1000, ("Left_Part>=1", "right-part"))
    install(tmp_path, "left-part", 200, ("base",))
    install(tmp_path, "right-part", 30, ("base",))
    install(tmp_path, "base", 4, ("top",))
    install(tmp_path, "other", 50000)
    assert installed_bytes(["top"], site=tmp_path) == 1234


def test_an_extra_counts_only_if_it_is_asked_for(tmp_path):
    needs = ("small", 'big; extra == "plot"', "absent; sys_platform == 'plan9'")
    install(tmp_path, "top", 1000, needs)
    install(tmp_path, "small", 1)
    install(tmp_path, "big", 5000)
    assert installed_bytes(["top"], site=tmp_path) == 1001
    assert installed_bytes(["top[plot]"], site=tmp_path) == 6001


def test_ours_has_a_size_however_it_is_installed():
    assert installed_bytes(["blazepose"]) > installed_bytes(["openvino"]) > 50e6


def test_a_python_that_the_wheels_need_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setenv("BLAZEPOSE_CACHE", str(tmp_path))
    monkeypatch.setattr(module.shutil, "which", lambda name: None)
    with pytest.raises(DownloadError, match=r"old needs Python 3\.1 to 3\.2, and there is none"):
        environment("old", ["nothing"], python=((3, 1), (3, 2)))


@pytest.mark.parametrize("layout", ["lib/python3.11/site-packages", "Lib/site-packages"])
def test_packages_are_found_on_every_platform(tmp_path, layout):
    (tmp_path / layout).mkdir(parents=True)
    assert site_packages(tmp_path / "bin" / "python") == tmp_path / layout
