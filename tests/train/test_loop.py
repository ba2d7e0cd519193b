import errno
import json
import math
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from blazepose.errors import OutputError, RecipeError, TrainingError
from blazepose.nets.build import build
from blazepose.skeleton import BLAZEPOSE33, COCO17, LSP14
from blazepose.train import loop
from blazepose.train.examples import Example, examples
from blazepose.train.loop import Run
from blazepose.train.losses import LOSSES
from blazepose.train.progress import Progress
from blazepose.train.recipe import Augment, Data, Phase, Recipe
from blazepose.train.validate import Validation
from blazepose.weights.checkpoint import Checkpoint
from blazepose.weights.load import load_network

HEADS = ("regression", "coordinates", "visibility")
MAPS = Phase("maps", 1, 1e-3, {"heatmap": 1, "offsets": 0.1}, train=("trunk", "heatmap", "offsets"))
POINTS = Phase("points", 1, 1e-3, {"landmarks": 10, "visibility": 1}, train=HEADS)
RECIPE = Recipe(
    "paper-lite",
    (MAPS, POINTS),
    (Data(Path("train")),),
    (Data(Path("validate")),),
    skeleton="lsp14",
    batch=2,
    ema=0.9,
    warmup=1,
    augment=Augment(wide=0.2, half_body=0.2, background=0.1),
    precision="32-true",
    workers=0,
)


def fresh() -> Checkpoint:
    torch.manual_seed(0)
    return Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14), LSP14)


@dataclass(frozen=True)
class Room:
    """Four people to learn from and two to be judged by; two steps are an epoch."""

    train: Sequence[Example]
    validation: Sequence[Example]
    folder: Path

    def run(
        self,
        recipe: Recipe = RECIPE,
        *,
        watch: Callable[[Progress], None] = lambda progress: None,
        folder: str = "run",
        start: Checkpoint | None = None,
    ) -> Run:
        place = self.folder / folder
        place.mkdir(exist_ok=True)
        people = {"train": self.train, "validation": self.validation}
        return Run(recipe, start or fresh(), place, **people, watch=watch)

    def files(self, folder: str = "run") -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.folder / folder).iterdir()}


@pytest.fixture
def room(people, tmp_path: Path) -> Room:
    learners = examples(people(6), LSP14)
    return Room(learners[:4], learners[4:], tmp_path)


def at_step(number: int, act: Callable[[], Any]) -> Callable[[Progress], None]:
    """Watches a run and acts once after a step, counted from 1 over all epochs."""
    steps = iter(range(1, 1000))

    def watch(progress: Progress) -> None:
        if progress.row is None and next(steps) == number:
            act()

    return watch


def history(folder: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (folder / "history.jsonl").read_text().splitlines()]
    for row in rows:
        del row["images_per_s"]
    return rows


def weights(path: Path) -> dict[str, Tensor]:
    return load_network(path).network.state_dict()


@pytest.mark.parametrize(
    ("precision", "start"), [("32-true", None), ("bf16-mixed", None), ("32-true", "own")]
)
def test_a_run_that_was_interrupted_twice_ends_as_one_that_was_not(
    room: Room, precision: Any, start: str | None
) -> None:
    recipe = replace(RECIPE, precision=precision, start=start)
    whole = room.run(recipe, folder="whole").run()
    for step in (1, 2):  # in mid-epoch of the first phase, and of the second
        broken = room.run(recipe, watch=at_step(step, lambda: signal.raise_signal(signal.SIGINT)))
        with pytest.raises(KeyboardInterrupt):
            broken.run()
    assert (broken.place.phase, broken.place.batch) == (1, 1)
    ended = room.run(recipe).run()
    assert history(ended.parent) == history(whole.parent)
    assert ended.read_bytes() == whole.read_bytes()
    states = [torch.load(path.parent / "state.pt", weights_only=True) for path in (ended, whole)]
    for part in ("network", "average"):
        one, other = (state[part] for state in states)
        assert all(torch.equal(values, other[name]) for name, values in one.items())


def test_a_run_leaves_its_best_and_its_last_weights_and_a_history(room: Room) -> None:
    best = room.run().run()
    assert set(room.files()) == {
        "best.safetensors",
        "last.safetensors",
        "state.pt",
        "history.jsonl",
    }
    rows = history(best.parent)
    assert [(row["phase"], row["epoch"]) for row in rows] == [("maps", 1), ("points", 1)]
    assert all(math.isfinite(row[name]) for row in rows for name in ("loss", "pck", "error"))
    for name in ("best", "last"):
        checkpoint = load_network(best.parent / f"{name}.safetensors")
        assert (checkpoint.name, checkpoint.skeleton) == ("paper-lite", LSP14)


def test_the_best_is_of_the_last_phase_however_well_the_one_before_scored(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a phase of heatmaps is judged by says nothing of the regression after it."""
    scores = iter((90.0, 10.0))
    judge = loop.validate

    def scored(*args: Any, **options: Any) -> Validation:
        return replace(judge(*args, **options), scores={"pck": next(scores), "error": 0.1})

    monkeypatch.setattr(loop, "validate", scored)
    best = room.run(replace(RECIPE, phases=(replace(MAPS, size=128), POINTS))).run()
    assert best.read_bytes() == (best.parent / "last.safetensors").read_bytes()


def test_heatmaps_judge_only_what_nothing_else_has_learned_from(room: Room) -> None:
    masks = Phase("later", 1, 1e-3, {"heatmap": 1})
    run = room.run(replace(RECIPE, phases=(MAPS, POINTS, masks, replace(MAPS, size=64))))
    judged = []
    for number, phase in enumerate(run.recipe.phases):
        run.place.phase = number
        judged.append(run._judged_by(phase)[0])
    assert judged == ["heatmap", "landmarks", "landmarks", "heatmap"]
    tuned = room.run(replace(RECIPE, start="own", phases=(masks,)), folder="tuned")
    assert tuned._judged_by(masks)[0] == "landmarks"


def test_one_parameter_of_scaled_channels_is_trained_by_its_plain_name(room: Room) -> None:
    recipe = replace(RECIPE, start="own", phases=(replace(POINTS, train=("coordinates.weight",)),))
    room.run(recipe).run()
    after, before = weights(room.folder / "run" / "last.safetensors"), fresh().network.state_dict()
    moved = {name for name, values in after.items() if not values.allclose(before[name])}
    assert moved == {"coordinates.weight"}


def test_a_state_of_other_keypoints_is_an_error(room: Room) -> None:
    room.run().run()
    other = Checkpoint("paper-lite", build("paper-lite", skeleton=COCO17), COCO17)
    with pytest.raises(TrainingError, match="holds another network"):
        room.run(start=replace(other, skeleton=LSP14))


def test_a_run_that_has_ended_is_not_run_again(room: Room) -> None:
    best = room.run().run()
    before = room.files()
    steps: list[Progress] = []
    assert room.run(watch=steps.append).run() == best
    assert not steps
    assert room.files()["best.safetensors"] == before["best.safetensors"]


def test_each_phase_trains_its_part_and_leaves_the_rest_as_it_is(room: Room) -> None:
    """Not even weight decay, averaging or the statistics of batch norm move what is frozen."""
    recipe = replace(RECIPE, weight_decay=0.5, ema=0.5, phases=(POINTS, replace(MAPS, epochs=2)))
    seen: dict[str, dict[str, Tensor]] = {"": fresh().network.state_dict()}

    def watch(progress: Progress) -> None:
        if progress.row:
            last = weights(room.folder / "run" / "last.safetensors")
            seen[progress.phase] = {name: values.clone() for name, values in last.items()}

    room.run(recipe, watch=watch).run()
    for before, after, trained in (("", "points", HEADS), ("points", "maps", MAPS.train)):
        moved = {
            name.partition(".")[0]
            for name, values in seen[after].items()
            if not torch.equal(values, seen[before][name])
        }
        assert moved == set(trained)


@pytest.mark.parametrize("start", [None, "own"])
def test_what_is_kept_lies_between_where_the_run_began_and_where_it_would_have_ended(
    room: Room, start: str | None
) -> None:
    def ended(blend: float) -> dict[str, Tensor]:
        recipe = replace(RECIPE, start=start, phases=(replace(POINTS, blend=blend),))
        room.run(recipe, folder=f"blend {blend}").run()
        return weights(room.folder / f"blend {blend}" / "last.safetensors")

    before, end, quarter, begin = fresh().network.state_dict(), ended(0), ended(0.25), ended(1)
    moved = [name for name, value in end.items() if not torch.equal(value, before[name])]
    assert any(name.startswith("coordinates") for name in moved)
    for name in (name for name in moved if end[name].is_floating_point()):
        torch.testing.assert_close(begin[name], before[name])
        torch.testing.assert_close(quarter[name], 0.75 * end[name] + 0.25 * before[name])


def test_a_phase_goes_on_from_the_blended_weights(room: Room) -> None:
    phases = (replace(POINTS, blend=0.5), replace(MAPS, learning_rate=1e-30))
    kept: dict[str, dict[str, Tensor]] = {}

    def watch(progress: Progress) -> None:
        if progress.row:
            kept[progress.phase] = weights(room.folder / "run" / "last.safetensors")

    room.run(replace(RECIPE, start="own", phases=phases), watch=watch).run()
    for name, value in kept["maps"].items():
        if name.startswith(HEADS):
            torch.testing.assert_close(value, kept["points"][name])


def test_watchers_are_told_where_the_run_is(room: Room) -> None:
    told: list[Progress] = []
    room.run(replace(RECIPE, phases=(replace(POINTS, epochs=2),)), watch=told.append).run()
    where = [(p.phase, p.epoch, p.epochs, p.batch, p.batches, p.row is None) for p in told]
    steps = [("points", e, 2, b, 2, True) for e in (1, 2) for b in (1, 2)]
    ends = [("points", e, 2, 2, 2, False) for e in (1, 2)]
    assert where == [*steps[:2], ends[0], *steps[2:], ends[1]]
    for progress in told:
        assert set(progress.losses) == {"landmarks", "visibility", "loss"}
        assert progress.losses["loss"] == pytest.approx(
            10 * progress.losses["landmarks"] + progress.losses["visibility"], rel=1e-4
        )


def test_the_learning_rate_warms_up_and_then_falls_as_a_cosine(room: Room) -> None:
    phase = replace(POINTS, epochs=10)
    run = room.run(replace(RECIPE, phases=(phase,), warmup=4))
    rates = []
    for run.place.epoch in range(10):
        for run.place.batch in range(2):
            rates.append(run._schedule(phase))
    assert rates[:5] == [0.25, 0.5, 0.75, 1.0, 1.0]
    assert rates[12] == pytest.approx(0.5)
    assert 0 < rates[-1] < 0.01


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_what_was_good(room: Room) -> None:
    recipe = replace(RECIPE, phases=(replace(POINTS, epochs=2),))
    before: dict[str, bytes] = {}

    def poison() -> None:
        before.update(room.files())
        next(run.student.network.coordinates.parameters()).data.fill_(math.nan)

    run = room.run(recipe, watch=at_step(3, poison))
    with pytest.raises(TrainingError, match=r"epoch 2, batch 2: try a learning_rate below 0.001"):
        run.run()
    assert len(before) == 4
    assert room.files() == before


def test_a_gradient_that_is_no_number_ends_the_run_before_it_spoils_the_weights(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LOSSES, "landmarks", lambda out, *_: (out["landmarks"] * 0).norm())
    monkeypatch.setitem(
        LOSSES, "visibility", lambda out, *_: (out["landmarks"][..., 3] * 0).sqrt().sum()
    )
    run = room.run(replace(RECIPE, phases=(POINTS,)))
    with pytest.raises(TrainingError, match="the loss is no number any more in phase 'points'"):
        run.run()
    assert all(torch.isfinite(values).all() for values in run.student.network.state_dict().values())


def test_the_run_of_another_recipe_is_not_gone_on_with(room: Room) -> None:
    room.run(replace(RECIPE, phases=(POINTS,))).run()
    before = room.files()
    with pytest.raises(TrainingError, match="belongs to a run with another recipe"):
        room.run(replace(RECIPE, phases=(POINTS,), seed=1))
    assert room.files() == before


def test_a_damaged_state_is_an_error(room: Room) -> None:
    (room.folder / "run").mkdir()
    (room.folder / "run" / "state.pt").write_bytes(b"damaged")
    with pytest.raises(TrainingError, match="cannot go on from this damaged file"):
        room.run()


def test_when_the_disk_is_full_the_files_before_stay_and_the_run_can_go_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = replace(RECIPE, phases=(replace(POINTS, epochs=2),))
    before: dict[str, bytes] = {}

    def full(path: Path, goal: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    def fill() -> None:
        before.update(room.files())
        monkeypatch.setattr(Path, "replace", full)

    with pytest.raises(OutputError, match="No space left on device"):
        room.run(recipe, watch=at_step(3, fill)).run()
    monkeypatch.undo()
    assert room.files() == before
    ended = room.run(recipe).run()
    expected = room.run(recipe, folder="whole").run()
    assert history(ended.parent) == history(expected.parent)


def test_an_image_that_is_missing_is_reported_and_the_run_goes_on(room: Room, caplog) -> None:
    room.train[1].image.unlink()
    room.run(replace(RECIPE, phases=(POINTS,))).run()
    assert "001.png" in " ".join(record.message for record in caplog.records)


def test_people_without_a_label_cannot_be_validated_on(room: Room) -> None:
    taught = [replace(e, trust=np.full_like(e.trust, 0.5)) for e in room.validation]
    with pytest.raises(TrainingError, match="expected labelled people to validate on, got 2"):
        replace(room, validation=taught).run()


def test_what_a_later_phase_asks_for_in_vain_shows_at_the_beginning(room: Room) -> None:
    wrong = replace(POINTS, train=("regression", "coordinate."))
    with pytest.raises(RecipeError, match=r"no parameter's name begins with 'coordinate\.'"):
        room.run(replace(RECIPE, phases=(MAPS, wrong)))


def test_a_network_with_rows_beyond_its_skeleton_learns_from_every_loss_it_has(
    people, lessons, tmp_path: Path
) -> None:
    taught = examples(people(2), BLAZEPOSE33, lessons=lessons(2))
    room = Room(taught, taught, tmp_path)
    start = Checkpoint("lite", build("lite"), BLAZEPOSE33)
    names = ("landmarks", "depth", "visibility", "in_frame", "presence", "world", "heatmap")
    losses: Any = dict.fromkeys((*names, "mirrored", "integral"), 1)
    phase = Phase("all", 1, 1e-4, losses, keep={"mask": 1, "heatmap": 1, "presence": 1})
    recipe = replace(RECIPE, network="lite", skeleton="blazepose33", phases=(phase,))
    rows: list[Progress] = []
    room.run(recipe, start=start, watch=rows.append).run()
    assert all(math.isfinite(value) for value in rows[-1].losses.values())
    assert {"keep_mask", "keep_heatmap", "keep_presence"} < set(rows[-1].losses)
