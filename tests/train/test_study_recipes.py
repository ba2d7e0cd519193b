from pathlib import Path

import pytest
import torch

from blazepose.nets.build import build
from blazepose.skeleton import LSP14, Skeleton, skeleton
from blazepose.train.losses import NEEDS
from blazepose.train.recipe import Recipe, read_recipe

FILES = sorted((Path(__file__).parents[2] / "recipes").glob("*.toml"))
STUDY = [file for file in FILES if file.stem.startswith("lsp14-")]


def points_of(recipe: Recipe) -> Skeleton:
    """The network's keypoints; LSP's, which the recipes name, where those of the data are meant."""
    return LSP14 if recipe.skeleton == "data" else skeleton(recipe.skeleton)


@pytest.fixture(params=FILES, ids=lambda file: file.stem)
def recipe(request) -> Recipe:
    return read_recipe(request.param)


def test_each_phase_of_a_recipe_trains_parts_that_its_network_has(recipe: Recipe) -> None:
    with torch.device("meta"):
        network = build(recipe.network, skeleton=points_of(recipe))
    names = [name for name, _ in network.named_parameters()]
    for phase in recipe.phases:
        for prefix in phase.train:
            assert any(name.startswith(prefix) for name in names), prefix


def test_each_loss_of_a_recipe_reads_an_output_that_its_network_has(recipe: Recipe) -> None:
    with torch.device("meta"):
        network = build(recipe.network, skeleton=points_of(recipe))
    for phase in recipe.phases:
        needed = {NEEDS.get(name, name) for name in phase.losses} | set(phase.keep)
        assert needed <= set(network.outputs)


def test_the_study_compares_networks_on_equal_terms() -> None:
    recipes = [read_recipe(file) for file in STUDY]
    assert len(recipes) == 8
    for key in ("train", "validate", "skeleton", "roi", "augment", "sigma", "distance", "batch"):
        assert all(getattr(one, key) == getattr(recipes[0], key) for one in recipes), key
    assert len({sum(phase.epochs for phase in one.phases) for one in recipes}) == 1
    assert len({phase.learning_rate for one in recipes for phase in one.phases}) == 1


def test_the_study_keeps_to_its_split_of_leeds_sports_pose() -> None:
    for file in STUDY:
        recipe = read_recipe(file)
        assert [data.split for data in recipe.train] == ["1..1200"]
        assert [data.split for data in recipe.validate] == ["1201..1600"]
