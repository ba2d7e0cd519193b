from pathlib import Path

import pytest

from blazepose.errors import MissingExtraError, OutputError
from blazepose.train import curves
from blazepose.train.curves import Row, best_row, save_curves
from blazepose.video import read_image


def epoch(number: int, *, phase: str = "body", pck: float = 80.0, **losses: float) -> Row:
    scores = {"pck": pck, "error": 0.02, "images_per_s": 40.0}
    return {"phase": phase, "epoch": number, **(losses or {"loss": 1 / number}), **scores}


TWO_PHASES = [
    epoch(1, landmarks=0.2, loss=1.0),
    epoch(2, landmarks=0.1, loss=0.5, pck=84.0),
    epoch(1, phase="heatmap", heatmap=0.0, loss=0.1, pck=82.0),
]


@pytest.mark.parametrize("history", [[epoch(1)], TWO_PHASES], ids=["one epoch", "two phases"])
def test_a_history_becomes_a_picture(history: list[Row], tmp_path: Path):
    save_curves(tmp_path / "curves.png", history)
    height, width, _ = read_image(tmp_path / "curves.png").shape
    assert (width, height) == (1320, 840)
    assert [file.name for file in tmp_path.iterdir()] == ["curves.png"]


def test_every_loss_and_score_has_its_panel():
    losses, pck, speed, error = curves._figure(TWO_PHASES).axes
    words = [text.get_text() for text in losses.get_legend().get_texts()]
    assert words == ["landmarks", "heatmap", "weighted sum"]
    assert pck.get_title() == "Validation: PCK, %; best 82.0 after epoch 3"
    assert list(error.lines[-1].get_ydata()) == pytest.approx([2.0, 2.0, 2.0])
    assert [text.get_text() for text in speed.texts] == ["body", "heatmap"]


def test_the_sum_of_losses_is_not_joined_over_phases():
    losses = curves._figure(TWO_PHASES).axes[0]
    sums = [line for line in losses.lines if line.get_label() == "weighted sum"]
    assert [line.get_ydata().tolist()[:2] for line in sums[:1]] == [[1.0, 0.5]]
    assert len(sums) == 2


def test_the_best_of_equals_is_the_last_as_its_weights_were_kept():
    history = [epoch(1, pck=84.0), epoch(2, pck=84.0), epoch(3, pck=83.0)]
    assert best_row(history)["epoch"] == 2


def test_the_best_is_of_the_last_phase_whose_weights_go_on_from_the_others():
    assert best_row(TWO_PHASES) is TWO_PHASES[-1]


def test_without_matplotlib_an_error_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(curves, "can_plot", lambda: False)
    with pytest.raises(MissingExtraError, match=r"blazepose\[plot\]"):
        save_curves(tmp_path / "curves.png", [epoch(1)])


def test_a_folder_that_is_gone_is_told(tmp_path: Path):
    with pytest.raises(OutputError):
        save_curves(tmp_path / "gone" / "curves.png", [epoch(1)])
