import errno
import pickle
from pathlib import Path

import pytest
import torch

from blazepose.errors import OutputError, TrainingError
from blazepose.train.state import Place, State, load_state, save_state

PLACE = Place(1, 2, 3, {"loss": 0.5}, 61.5, [{"phase": "body", "epoch": 1, "pck": 61.5}])


def state() -> State:
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=0.1)
    layer(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return State("recipe", "data", PLACE, layer.state_dict(), None, optimizer.state_dict())


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "state.pt"
    save_state(state(), path)
    return path


def test_a_state_comes_back_as_it_was(tmp_path: Path) -> None:
    path, before = tmp_path / "state.pt", state()
    save_state(before, path)
    after = load_state(path, recipe="recipe", data="data")
    assert after.place == PLACE
    assert after.average is None
    assert all(torch.equal(after.network[name], v) for name, v in before.network.items())
    assert str(after.optimizer) == str(before.optimizer)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("recipe", "data", "said"),
    [("another", "data", "another recipe"), ("recipe", "other", "other data")],
)
def test_a_state_of_another_run_is_an_error(saved: Path, recipe: str, data: str, said: str) -> None:
    with pytest.raises(TrainingError, match=f"belongs to a run with {said}: choose another --out"):
        load_state(saved, recipe=recipe, data=data)


@pytest.mark.parametrize("damage", ["cut", "empty", "overwritten", "text", "other", "code"])
def test_a_damaged_state_is_an_error_of_one_line(saved: Path, damage: str) -> None:
    content = saved.read_bytes()
    if damage == "other":
        torch.save({"weights": torch.ones(2)}, saved)
    elif damage == "code":
        saved.write_bytes(pickle.dumps(Path("/"), protocol=2))
    else:
        damaged = {"cut": content[: len(content) // 2], "empty": b"", "text": b"no state\n"}
        saved.write_bytes(damaged.get(damage, content[:300] + bytes(300) + content[600:]))
    with pytest.raises(TrainingError, match="cannot go on from this damaged file") as error:
        load_state(saved, recipe="recipe", data="data")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("length", range(1, 1500, 130))
def test_a_state_cut_anywhere_is_an_error(saved: Path, length: int) -> None:
    saved.write_bytes(saved.read_bytes()[:length])
    with pytest.raises(TrainingError, match="damaged"):
        load_state(saved, recipe="recipe", data="data")


def test_when_the_disk_is_full_the_old_state_stays(saved: Path, monkeypatch) -> None:
    before = saved.read_bytes()

    def full(path: Path, content: bytes) -> int:
        with path.open("wb") as file:
            file.write(content[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        save_state(state(), saved)
    monkeypatch.undo()
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]
