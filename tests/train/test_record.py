import json
import logging
from pathlib import Path

import numpy as np
import pytest

from blazepose.errors import OutputError
from blazepose.nets.build import build
from blazepose.skeleton import LSP14
from blazepose.train import curves
from blazepose.train.examples import examples
from blazepose.train.progress import Progress
from blazepose.train.recipe import Data, Phase, Recipe
from blazepose.train.record import Record
from blazepose.train.share import Share
from blazepose.train.validate import Validation
from blazepose.video import read_image
from blazepose.weights.checkpoint import Checkpoint

DATA = Data(Path("people"))
ENVIRONMENT = {"python": "3"}


@pytest.fixture
def share(people) -> Share:
    samples = people(5)
    return Share(DATA, 5, samples, examples(samples, LSP14), [])


def record(folder: Path, share: Share, *, epochs: int = 40) -> Record:
    """Of a run whose folder holds its recipe."""
    phase = Phase("body", epochs, 1e-3, {"landmarks": 1.0})
    recipe = Recipe("paper-lite", (phase,), (DATA,), (DATA,))
    start = Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14), LSP14)
    (folder / "recipe.toml").write_text("# mine\n", encoding="utf-8")
    return Record(recipe, start, folder, train=[share], validate=[share])


def end_epoch(record: Record, folder: Path, number: int, *, worst: int = 0) -> None:
    """As the loop ends an epoch: a row of history is written, then told."""
    scores = {"pck": 80.0 + number, "error": 0.02, "images_per_s": 30.0}
    row = {"phase": "body", "epoch": number, "loss": 1.0, **scores}
    with (folder / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    truth = np.full((5, 14, 2), 128, np.float32)
    found = truth.copy()
    found[worst] += 40
    seen = Validation(scores, [3, 1, 4, 0, 2], found, truth, np.ones((5, 14), bool))
    record(Progress("body", number, 40, 9, 9, 9 * number, {"loss": 1.0}, 30.0, row, seen))


def test_the_beginning_tells_where_and_on_what(tmp_path: Path, share: Share):
    record(tmp_path, share).begin(ENVIRONMENT)
    assert json.loads((tmp_path / "environment.json").read_text()) == ENVIRONMENT
    data = json.loads((tmp_path / "data.json").read_text())
    assert [part[0]["used"] for part in (data["train"], data["validate"])] == [5, 5]
    assert read_image(tmp_path / "data.png").ndim == 3
    assert not list(tmp_path.glob("*.part"))


def test_an_epoch_leaves_scores_curves_people_and_a_card(tmp_path: Path, share: Share):
    told = record(tmp_path, share)
    told.begin(ENVIRONMENT)
    end_epoch(told, tmp_path, 1)
    told.close()
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert (metrics["epochs"], metrics["best_epoch"], metrics["best"]["pck"]) == (1, 1, 81.0)
    assert "# mine" in (tmp_path / "card.md").read_text(encoding="utf-8")
    for name in ("curves.png", "predictions.png"):
        assert read_image(tmp_path / name).size
    assert list((tmp_path / "tensorboard").iterdir())
    assert not list(tmp_path.glob("*.part"))


def test_people_who_are_no_longer_there_are_not_shown(tmp_path: Path, share: Share):
    (tmp_path / "predictions.json").write_text("[0, 99, 3]")
    told = record(tmp_path, share)
    told.begin(ENVIRONMENT)
    end_epoch(told, tmp_path, 1)
    assert read_image(tmp_path / "predictions.png").size


def test_the_same_people_are_shown_also_when_a_run_goes_on(tmp_path: Path, share: Share):
    for number, worst in ((1, 2), (2, 4)):
        told = record(tmp_path, share, epochs=2)
        told.begin(ENVIRONMENT)
        end_epoch(told, tmp_path, number, worst=worst)
        told.close()
        assert json.loads((tmp_path / "predictions.json").read_text())[0] == 2


def test_people_are_shown_every_few_epochs_and_at_the_end(
    tmp_path: Path, share: Share, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(curves, "can_plot", lambda: False)  # for speed
    told = record(tmp_path, share, epochs=32)
    told.begin(ENVIRONMENT)
    drawn = []
    for number in range(1, 33):
        end_epoch(told, tmp_path, number)
        if (tmp_path / "predictions.png").exists():
            drawn.append(number)
            (tmp_path / "predictions.png").unlink()
    told.close()
    assert drawn == [*range(1, 33, 3), 32]


def test_a_picture_that_fails_is_told_once_and_training_goes_on(
    tmp_path: Path,
    share: Share,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(curves, "can_plot", lambda: False)
    told = record(tmp_path, share)
    with caplog.at_level(logging.WARNING):
        told.begin(ENVIRONMENT)
        end_epoch(told, tmp_path, 1)
        end_epoch(told, tmp_path, 2)
    told.close()
    (warning,) = (r.message for r in caplog.records)
    assert warning == (
        "training goes on without curves.png: curves.png needs an extra package: "
        "pip install 'blazepose[plot]'"
    )
    assert (tmp_path / "predictions.png").exists()
    assert json.loads((tmp_path / "metrics.json").read_text())["epochs"] == 2


def test_a_folder_that_cannot_be_written_is_told_before_training(tmp_path: Path, share: Share):
    told = record(tmp_path, share)
    (tmp_path / "environment.json").mkdir()
    with pytest.raises(OutputError):
        told.begin(ENVIRONMENT)
