import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

import blazepose as bp
from blazepose.cli.people import read_people
from blazepose.errors import OutputError, RecipeError, SourceError, TrainingError
from blazepose.fit import fit, share
from blazepose.roi import from_keypoints
from blazepose.train.recipe import Data, read_recipe
from blazepose.video import write_image
from blazepose.weights import store
from blazepose.weights.load import load_network
from boats import NAMES, RECIPE, ROWS, make_room, write_boats


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """A folder with the recipe and the rowers."""
    make_room(tmp_path)
    return tmp_path


def change(room: Path, *pairs: tuple[str, str]) -> Path:
    """The recipe with other words in it."""
    text = RECIPE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path = room / "rower.toml"
    path.write_text(text)
    return path


def test_points_that_the_data_names_come_out_in_the_weights(room: Path) -> None:
    told: list[str] = []
    best = fit(room / "rower.toml", room / "run", told=lambda what, *_: told.append(what))
    checkpoint = load_network(best)
    assert checkpoint.skeleton.names == NAMES
    assert checkpoint.skeleton.edges == ((0, 2), (1, 3))
    assert (room / "run" / "recipe.toml").read_text() == RECIPE
    assert not told


def test_a_run_goes_on_with_the_recipe_in_its_own_folder(room: Path) -> None:
    best = fit(room / "rower.toml", room / "run")
    before = best.read_bytes()
    assert fit(room / "run" / "recipe.toml", room / "run", data=room) == best
    assert best.read_bytes() == before


def test_the_recipe_of_a_run_is_not_overwritten_by_another(room: Path) -> None:
    fit(room / "rower.toml", room / "run")
    other = change(room, ("batch = 2", "batch = 4"))
    with pytest.raises(TrainingError, match="belongs to a run with another recipe"):
        fit(other, room / "run")
    assert (room / "run" / "recipe.toml").read_text() == RECIPE


def test_a_run_does_not_go_on_with_other_people(room: Path) -> None:
    fit(room / "rower.toml", room / "run")
    before = (room / "run" / "data.json").read_text()
    file = room / "boats" / "train.json"
    content = json.loads(file.read_text())
    content["annotations"][0]["keypoints"][0] += 5
    file.write_text(json.dumps(content))
    with pytest.raises(TrainingError, match="belongs to a run with other data"):
        fit(room / "rower.toml", room / "run")
    assert (room / "run" / "data.json").read_text() == before


def test_two_runs_in_one_folder_are_refused(room: Path) -> None:
    def second(progress: object) -> None:
        with pytest.raises(OutputError, match=r"another run trains in .*run: choose another --out"):
            fit(room / "rower.toml", room / "run")
        told.append(progress)

    told: list[object] = []
    assert fit(room / "rower.toml", room / "run", watch=second).is_file()
    assert told


def test_a_split_means_the_same_people_as_for_other_commands(room: Path) -> None:
    """Who has a box alone counts, too, and is nobody to learn from without a teacher."""
    file = room / "boats" / "train.json"
    content = json.loads(file.read_text())
    content["annotations"][0] |= {"keypoints": [0] * 24, "bbox": [10, 10, 50, 90]}
    file.write_text(json.dumps(content))
    table, recipe = Data(Path("boats/train.json"), split="1..2"), read_recipe(room / "rower.toml")
    found = share(table, room, recipe, None, lambda *_: None)
    everybody, first, _ = read_people(file, "1..2")
    assert [s.image.name for s in everybody] == ["0.png", "1.png"]
    assert ([s.image.name for s in found.samples], first) == (["1.png"], 1)


@pytest.mark.parametrize("path", ["boats/train.json", "boats/../boats/train.json"])
def test_nobody_is_learned_from_and_judged_by(room: Path, path: str) -> None:
    recipe = change(room, ("boats/validate.json", path))
    with pytest.raises(TrainingError, match=r"got 4 in both, e\.g\. 0\.png"):
        fit(recipe, room / "run")
    assert not (room / "run").exists()


def test_parts_of_a_data_set_are_apart(room: Path) -> None:
    validate = 'path = "boats/train.json", split = "4..4"'
    recipe = change(
        room,
        ('path = "boats/validate.json"', validate),
        ('path = "boats/train.json" }]\nv', 'path = "boats/train.json", split = "1..3" }]\nv'),
    )
    assert fit(recipe, room / "run").is_file()
    recipe = change(room, ('path = "boats/validate.json"', validate))
    with pytest.raises(TrainingError, match="got 1 in both"):
        fit(recipe, room / "other")


@pytest.mark.parametrize(
    ("old", "new", "error", "said"),
    [
        ("boats/train.json", "lost", SourceError, "no such data: .*lost: --data says"),
        (
            'train.json"',
            'train.json", split = "3..9"',
            SourceError,
            r"expected a split within 1\.\.4",
        ),
        ('train.json"', 'train.json", split = "all"', SourceError, "expected a split like"),
        ('"boats/train.json"', '"none", unlabelled = true', SourceError, "expected a folder with"),
        ('skeleton = "data"', 'skeleton = "lsp41"', RecipeError, "did you mean 'lsp14'"),
        ('"paper-lite"', '"paper-light"', RecipeError, "did you mean 'paper-lite'"),
        ("landmarks = 10", "world = 10", RecipeError, "has no output for 'world'"),
    ],
)
def test_what_cannot_be_is_an_error_of_one_line(
    room: Path, old: str, new: str, error: type[Exception], said: str
) -> None:
    (room / "none").mkdir()
    with pytest.raises(error, match=said) as raised:
        fit(change(room, (old, new)), room / "run")
    assert "\n" not in str(raised.value)


def test_data_without_people_is_an_error(room: Path) -> None:
    write_boats(room / "boats", "train", {"0.png": np.zeros((8, 2))})
    content = json.loads((room / "boats" / "train.json").read_text())
    (room / "boats" / "train.json").write_text(json.dumps({**content, "annotations": []}))
    with pytest.raises(TrainingError, match=r"train\.json: expected labelled people, got none"):
        fit(room / "rower.toml", room / "run")


def test_a_broken_label_and_a_missing_image_are_reported_and_the_rest_is_learned(
    room: Path, caplog
) -> None:
    file = room / "boats" / "train.json"
    content = json.loads(file.read_text())
    content["annotations"][1]["keypoints"][0] = None
    del content["annotations"][2]["keypoints"][-1]
    file.write_text(json.dumps(content))
    (room / "boats" / "3.png").unlink()
    assert fit(room / "rower.toml", room / "run").is_file()
    assert "annotation 1: expected finite positions, got none for left_shoulder" in caplog.text
    assert "annotation 2: expected 8 keypoints" in caplog.text
    assert "3.png" in caplog.text


def test_tables_of_other_points_teach_those_that_the_network_has(room: Path) -> None:
    """The first table's points are the network's; of the others those of the same name count."""
    poses = room / "boats" / "more.json"
    write_boats(room / "boats", "more", {})
    content = json.loads((room / "boats" / "train.json").read_text())
    content["categories"][0]["keypoints"] = [*NAMES[:6], "left_oar", "right_oar"]
    poses.write_text(json.dumps(content))
    recipe = change(room, ('train.json" }]', 'train.json" }, { path = "boats/more.json" }]'))
    assert load_network(fit(recipe, room / "run")).skeleton.names == NAMES


def test_a_folder_that_cannot_be_made_is_an_error(room: Path) -> None:
    (room / "file").write_text("")
    with pytest.raises(OutputError, match="cannot make the folder"):
        fit(room / "rower.toml", room / "file" / "run")


def torchrun(room: Path, recipe: Path, out: str) -> list[str]:
    """The command of two processes that train together."""
    processes = ("--standalone", "--nproc_per_node", "2")
    program = ("-m", "blazepose", "train", str(recipe), "--out", str(room / out))
    return [sys.executable, "-m", "torch.distributed.run", *processes, *program]


TWO = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@pytest.mark.slow
def test_two_processes_train_what_one_trains(room: Path) -> None:
    """Each sees half of every batch; a network without batch norm cannot tell the difference."""
    recipe = change(
        room,
        ('"paper-lite"', '"lite"'),
        ("epochs = 1", "epochs = 2"),
        ("landmarks = 10, visibility = 1", "landmarks = 10"),
    )
    alone = load_file(fit(recipe, room / "alone"))
    done = subprocess.run(
        torchrun(room, recipe, "together"), env=TWO, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("trained:") == 1
    together = load_file(room / "together" / "best.safetensors")
    assert together.keys() == alone.keys()
    for name, value in alone.items():
        # Four steps move a weight by some thousandths; rounding, a few by some ten thousandths.
        assert np.abs(together[name] - value).mean() < 1e-5, name
    place = json.loads((room / "together" / "environment.json").read_text())
    assert place["processes"] == 2


@pytest.mark.slow
def test_two_processes_that_are_stopped_go_on(room: Path) -> None:
    """The signal comes to all processes at once, as a cluster sends it."""
    epochs = 12
    recipe = change(
        room,
        ('"paper-lite"', '"lite"'),
        ("epochs = 1", f"epochs = {epochs}"),
        ("workers = 0", "workers = 1"),
    )
    history = room / "run" / "history.jsonl"
    with subprocess.Popen(
        torchrun(room, recipe, "run"), env=TWO, start_new_session=True
    ) as running:
        while not history.exists() and running.poll() is None:
            time.sleep(0.1)
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(60)
    before = len(history.read_text().splitlines())
    assert 0 < before < epochs
    place = torch.load(room / "run" / "state.pt", weights_only=True)["place"]
    assert (place["epoch"], place["batch"]) >= (before, 0)
    subprocess.run(torchrun(room, recipe, "run"), env=TWO, check=True)
    rows = [json.loads(line) for line in history.read_text().splitlines()]
    assert [row["epoch"] for row in rows] == list(range(1, epochs + 1))


@pytest.mark.slow
def test_a_batch_that_processes_cannot_share_is_an_error(room: Path) -> None:
    recipe = change(room, ("batch = 2", "batch = 3"))
    done = subprocess.run(
        torchrun(room, recipe, "run"), env=TWO, capture_output=True, text=True, check=False
    )
    assert done.returncode
    assert "expected a batch that 2 processes can share, got 3" in done.stderr.replace("\n", " ")


@pytest.mark.weights
def test_a_teacher_cannot_clean_labels_that_it_does_not_know(room: Path) -> None:
    recipe = change(
        room,
        ('network = "paper-lite"', 'network = "paper-lite"\nteacher = "lite"'),
        ('boats/train.json"', 'boats/train.json", clean = true'),
    )
    with pytest.raises(TrainingError, match="clean: no teacher can look at these labels"):
        fit(recipe, room / "run")


@pytest.mark.weights
@pytest.mark.slow
def test_a_network_for_own_points_is_trained_and_tracks(room: Path) -> None:
    """From a COCO file to a tracker: what users have asked for since 2020."""
    with bp.frames(store.path("demo")) as clip:
        frames = [frame for frame in clip if frame.index in (60, 64, 68, 72)]
    tracker = bp.Tracker("lite", threads=1, smooth=False)
    labels = [tracker(frame)[0].points[ROWS, :2] for frame in frames]
    for number, frame in enumerate(frames):
        write_image(room / "boats" / f"{number}.png", frame.image)
    people = {f"{number}.png": points for number, points in enumerate(labels)}
    write_boats(room / "boats", "validate", {"3.png": people.pop("3.png")})
    write_boats(room / "boats", "train", people)
    recipe = change(
        room,
        ('network = "paper-lite"', 'network = "lite"\nstart = "lite"'),
        ("epochs = 1", 'epochs = 4\ntrain = ["landmarks"]\naugment = false'),
    )
    rows = []
    best = fit(recipe, room / "run", watch=lambda p: rows.append(p.row) if p.row else None)
    assert rows[-1]["error"] < rows[0]["error"]
    own = bp.Tracker(best, threads=1, smooth=False)
    assert own.skeleton.names == NAMES
    roi = from_keypoints(labels[-1], np.ones(len(NAMES), bool), own.skeleton)
    (pose,) = own(frames[-1], roi=roi)
    gap = np.linalg.norm(pose.points[:, :2] - labels[-1], axis=1)
    assert gap[:6].max() < 0.06 * pose.roi.size  # the points that the released network knows
