from pathlib import Path

import pytest

from blazepose.errors import RecipeError
from blazepose.train.recipe import Augment, read_recipe

RECIPES = Path(__file__).parents[2] / "recipes"
DATA = 'network = "lite"\ntrain = [{ path = "a" }]\nvalidate = [{ path = "b" }]\n'
PHASE = '[[phases]]\nname = "all"\nepochs = 1\nlearning_rate = 1e-3\nlosses = { landmarks = 1 }\n'


@pytest.fixture
def recipe(tmp_path: Path):
    """Reads a recipe from its text."""

    def read(text: str):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return read_recipe(path)

    return read


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_recipe_of_the_project_reads(path: Path) -> None:
    assert read_recipe(path).phases


def test_a_short_recipe_has_the_defaults(recipe) -> None:
    read = recipe(DATA + PHASE)
    assert (read.batch, read.seed, read.start, read.augment) == (32, 0, None, Augment())
    assert (read.train[0].path, read.train[0].repeat) == (Path("a"), 1)
    assert (read.phases[0].train, read.phases[0].losses) == (("",), {"landmarks": 1.0})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("bath = 4\n" + DATA + PHASE, "unknown key 'bath': did you mean 'batch'?"),
        (
            DATA + PHASE + "lerning_rate = 1",
            "'phases.0.lerning_rate': did you mean 'learning_rate'",
        ),
        (DATA + PHASE + "[augment]\nblurr = 1", "'augment.blurr': did you mean 'blur'?"),
        (DATA.replace("path", "pth") + PHASE, "train.0.p"),
        (DATA + PHASE.replace("landmarks", "landmark"), "expected 'landmarks', 'depth'"),
        (DATA, "expected a key 'phases', got none"),
        (PHASE, "expected a key 'network', got none"),
    ],
)
def test_an_unknown_or_a_missing_key_is_named(recipe, text: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        recipe(text)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('batch = "32"', "batch: expected a valid integer, got '32'"),
        ("batch = 32.5", "batch: expected a valid integer, got 32.5"),
        ("batch = true", "batch: expected a valid integer, got True"),
        ("batch = 0", "batch: expected greater than or equal to 1, got 0"),
        ("ema = 1.0", "ema: expected less than 1, got 1.0"),
        ("clip = inf", "clip: expected a finite number, got inf"),
        ("sigma = nan", "sigma: expected a finite number, got nan"),
        ("seed = -1", "seed: expected greater than or equal to 0, got -1"),
        ("seed = 1979-05-27", "seed: expected a valid integer"),
        ('roi = "hole"', "roi: expected 'aligned' or 'whole', got 'hole'"),
        ("augment = { flip = 1.5 }", "augment.flip: expected less than or equal to 1, got 1.5"),
        ("augment = { scale = 1 }", "augment.scale: expected less than 1, got 1"),
        ("phases = []", "phases: "),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(recipe, line: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        recipe(f"{line}\n{DATA}" + (PHASE if "phases" not in line else ""))


@pytest.mark.parametrize("line", ["losses = {}", "train = []", "epochs = 0", "learning_rate = 0"])
def test_a_phase_that_could_not_learn_is_an_error(recipe, line: str) -> None:
    key = line.partition(" ")[0]
    kept = [kept for kept in PHASE.splitlines() if not kept.startswith(key)]
    with pytest.raises(RecipeError, match=f"phases.0.{key}: "):
        recipe(DATA + "\n".join([*kept, line]))


def test_phases_have_names_of_their_own(recipe) -> None:
    with pytest.raises(RecipeError, match="phases: expected a name of its own for each"):
        recipe(DATA + PHASE + PHASE)


def test_what_is_no_toml_is_an_error_of_one_line(recipe, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="expected a recipe in TOML") as error:
        recipe("network = ")
    assert "\n" not in str(error.value)
    with pytest.raises(RecipeError, match=r"cannot read .*missing\.toml: No such file"):
        read_recipe(tmp_path / "missing.toml")
    (tmp_path / "picture.toml").write_bytes(b"\x89PNG\xff")
    with pytest.raises(RecipeError, match="expected a recipe in TOML"):
        read_recipe(tmp_path / "picture.toml")
