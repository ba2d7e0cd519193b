from dataclasses import replace
from pathlib import Path

import pytest
import torch

from blazepose.errors import ModelError, RecipeError
from blazepose.nets.build import build
from blazepose.skeleton import COCO17, LSP14
from blazepose.train.recipe import Data, Phase, Recipe, read_recipe
from blazepose.train.start import check_phases, starting_network
from blazepose.weights.checkpoint import Checkpoint, save_checkpoint

PHASE = Phase("all", 1, 1e-3, {"landmarks": 1})
RECIPE = Recipe("paper-lite", (PHASE,), (Data(Path("a")),), (Data(Path("b")),))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A network for the joints of LSP."""
    torch.manual_seed(5)
    path = tmp_path / "lsp14.safetensors"
    save_checkpoint(Checkpoint("paper-lite", build("paper-lite", skeleton=LSP14), LSP14), path)
    return path


def test_fresh_weights_follow_from_the_seed() -> None:
    one, same, other = (
        starting_network(replace(RECIPE, seed=seed), LSP14).network.state_dict()
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(values, same[name]) for name, values in one.items())
    assert not torch.equal(one["coordinates.weight"], other["coordinates.weight"])


def test_an_unknown_network_is_an_error_with_near_matches() -> None:
    with pytest.raises(RecipeError, match="network: unknown network 'ful': did you mean 'full'"):
        starting_network(replace(RECIPE, network="ful"), LSP14)


def test_weights_of_a_file_are_taken_as_they_are(saved: Path) -> None:
    start = starting_network(replace(RECIPE, start=str(saved)), LSP14)
    torch.manual_seed(5)
    expected = build("paper-lite", skeleton=LSP14).state_dict()
    assert start.skeleton == LSP14
    assert all(torch.equal(v, expected[k]) for k, v in start.network.state_dict().items())


def test_for_other_points_the_heads_alone_change(saved: Path) -> None:
    before = starting_network(replace(RECIPE, start=str(saved)), LSP14).network.state_dict()
    start = starting_network(replace(RECIPE, start=str(saved)), COCO17)
    after = start.network.state_dict()
    assert start.skeleton == COCO17
    assert torch.equal(after[_TRUNK], before[_TRUNK])
    one, other = (skeleton.index("left_knee") for skeleton in (LSP14, COCO17))
    assert torch.equal(before["visibility.weight"][one], after["visibility.weight"][other])


_TRUNK = "trunk.conv10b.pointwise.conv.weight"


def test_weights_of_another_network_are_an_error(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds a 'paper-lite' network, the recipe wants 'lite'"):
        starting_network(replace(RECIPE, network="lite", start=str(saved)), LSP14)
    with pytest.raises(ModelError, match="unknown model 'fulll': did you mean 'full'"):
        starting_network(replace(RECIPE, start="fulll"), LSP14)
    (tmp_path / "damaged.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="cannot read"):
        starting_network(replace(RECIPE, start=str(tmp_path / "damaged.safetensors")), LSP14)


@pytest.mark.parametrize(
    ("phase", "said"),
    [
        (
            replace(PHASE, train=("trunk", "regresion")),
            "begins with 'regresion'; ",
        ),
        (replace(PHASE, losses={"landmarks": 1, "world": 1}), "has no output for 'world', only "),
        (replace(PHASE, keep={"mask": 1}), "has no output for 'mask', only landmarks"),
    ],
)
def test_a_phase_cannot_ask_for_what_the_network_has_not(phase: Phase, said: str) -> None:
    network = build("paper-lite", skeleton=LSP14)
    check_phases(RECIPE, network)
    with pytest.raises(RecipeError, match=f"phase 'all': .*{said}"):
        check_phases(replace(RECIPE, phases=(PHASE, phase)), network)


def test_only_maps_are_taught_on_small_crops() -> None:
    network = build("paper-lite", skeleton=LSP14)
    maps = replace(PHASE, losses={"heatmap": 1, "offsets": 1}, size=128)
    check_phases(replace(RECIPE, phases=(maps, replace(PHASE, size=256))), network)
    with pytest.raises(RecipeError, match="'landmarks' can only be taught at the network's own"):
        check_phases(replace(RECIPE, phases=(replace(PHASE, size=128),)), network)


def test_the_recipes_of_the_project_fit_their_networks() -> None:
    for path in sorted((Path(__file__).parents[2] / "recipes").glob("*.toml")):
        recipe = read_recipe(path)
        check_phases(recipe, build(recipe.network))
