import errno
from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import Lessons
from blazepose.errors import OutputError, SourceError


def lessons(count: int = 3) -> Lessons:
    """On people of whom the second was not seen."""
    noise = np.random.default_rng(0)
    blank = Lessons.blank(count)
    for values in vars(blank).values():
        values[:] = noise.normal(size=values.shape)
        values[1] = np.nan
    return blank


def test_lessons_come_back_as_they_were_written(tmp_path: Path) -> None:
    before, path = lessons(), tmp_path / "taught.npz"
    before.write(path)
    after = Lessons.read(path)
    for name, values in vars(before).items():
        assert np.array_equal(getattr(after, name), values, equal_nan=True)
        assert getattr(after, name).dtype == np.float32
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_is_given_to_begin_with() -> None:
    blank = Lessons.blank(2)
    assert len(blank) == 2
    assert not blank.given.any()
    assert (blank.points.shape, blank.world.shape) == ((2, 35, 3), (2, 33, 3))
    assert lessons().given.tolist() == [True, False, True]


def test_lessons_of_some_people_are_in_their_order() -> None:
    everybody = lessons(4)
    some = everybody.of([3, 0])
    assert np.array_equal(some.points, everybody.points[[3, 0]])
    assert np.array_equal(some.score, everybody.score[[3, 0]])
    assert len(everybody.of([])) == 0


@pytest.mark.parametrize("damage", ["missing", "empty", "text", "cut", "overwritten", "other"])
def test_what_holds_no_lessons_is_an_error(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "taught.npz"
    lessons().write(path)
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    elif damage == "other":
        with path.open("wb") as file:
            np.savez(file, points=np.zeros(3))
    else:
        damaged = {"empty": b"", "text": b"no lessons", "cut": content[: len(content) // 2]}
        path.write_bytes(damaged.get(damage, content[:200] + bytes(200) + content[400:]))
    with pytest.raises(SourceError, match=r"taught\.npz: expected lessons of a teacher"):
        Lessons.read(path)


def test_an_array_alone_is_no_lesson(tmp_path: Path) -> None:
    with (tmp_path / "taught.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(SourceError, match="expected lessons of a teacher"):
        Lessons.read(tmp_path / "taught.npz")


def test_when_the_disk_is_full_the_old_lessons_stay(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "taught.npz"
    lessons().write(path)
    before = path.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(OutputError, match="No space left on device"):
        lessons(5).write(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
