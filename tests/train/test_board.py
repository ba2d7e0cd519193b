import logging
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from blazepose.train import board as room
from blazepose.train.board import Board
from blazepose.train.progress import Progress


def step(number: int, *, batch: int | None = None, epoch: int = 1, **losses: float) -> Progress:
    return Progress("body", epoch, 2, batch or number, 100, number, losses, 30.0)


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    events = EventAccumulator(str(folder / "tensorboard")).Reload()
    return {
        tag: [(e.step, pytest.approx(e.value)) for e in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def test_losses_are_means_of_the_steps_since_the_last_note(tmp_path: Path):
    board = Board(tmp_path)
    board.note_step(step(19, loss=9.0))
    board.note_step(step(20, loss=4.0))
    board.note_step(step(40, loss=3.0))  # 20 steps at 4, then 20 at 2
    board.close()
    assert scalars(tmp_path) == {"step/loss": [(20, 4.0), (40, 2.0)]}


def test_an_epoch_starts_its_means_anew(tmp_path: Path):
    board = Board(tmp_path)
    board.note_step(step(20, loss=4.0))
    board.note_step(step(40, batch=10, epoch=2, loss=3.0, heatmap=1.0))
    board.note_step(step(60, batch=15, epoch=9, loss=7.0))  # short epochs, most of them not noted
    board.close()
    assert scalars(tmp_path)["step/loss"] == [(20, 4.0), (40, 3.0), (60, 7.0)]
    assert scalars(tmp_path)["step/heatmap"] == [(40, 1.0)]


def test_an_epoch_leaves_its_losses_and_scores(tmp_path: Path):
    board = Board(tmp_path)
    row = {"phase": "body", "epoch": 1, "loss": 2.0, "pck": 80.0}
    board.note_epoch(Progress("body", 1, 2, 10, 10, 10, {"loss": 2.0}, 30.0, row))
    board.note_picture(np.zeros((8, 8, 3), np.uint8), 10)
    board.close()
    assert scalars(tmp_path) == {"epoch/loss": [(10, 2.0)], "validation/pck": [(10, 80.0)]}
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert events.Tags()["images"] == ["predictions"]


def test_without_the_package_that_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def missing(*args: object, **options: object) -> None:
        raise ModuleNotFoundError("neither tensorboard nor tensorboardX")

    monkeypatch.setattr(room, "TensorBoardLogger", missing)
    with caplog.at_level(logging.WARNING):
        board = Board(tmp_path)
        board.note_step(step(20, loss=4.0))
        board.note_picture(np.zeros((8, 8, 3), np.uint8), 20)
        board.close()
    assert [record.message for record in caplog.records] == [
        "no curves for TensorBoard: pip install tensorboard to have them"
    ]
    assert not list(tmp_path.iterdir())
