from pathlib import Path

import pytest

from blazepose.nets.build import build
from blazepose.skeleton import LSP14
from blazepose.train.card import model_card
from blazepose.train.examples import examples
from blazepose.train.recipe import Data, Phase, Recipe
from blazepose.train.share import Account, Share
from blazepose.weights.checkpoint import Checkpoint

PHASES = (Phase("heatmaps", 2, 1e-3, {"heatmap": 1.0}), Phase("both", 38, 1e-3, {"landmarks": 1}))
LEARN, JUDGE = Data(Path("my/photos"), split="1..3"), Data(Path("others"))
HISTORY = [
    {"phase": "both", "epoch": n, "loss": 1 / n, "pck": 80.0 - abs(n - 13), "error": 0.02}
    for n in range(1, 41)
]


@pytest.fixture
def accounts(people) -> list[Account]:
    samples = people(3)
    return [
        Share(data, 3, samples, examples(samples, LSP14), []).account(LSP14)
        for data in (LEARN, JUDGE)
    ]


def card(accounts: list[Account], *, network: str = "paper-lite", start: str | None = None) -> str:
    return model_card(
        Checkpoint(network, build(network, skeleton=LSP14), LSP14),
        Recipe(network, PHASES, (LEARN,), (JUDGE,), start=start),
        text='network = "paper-lite"\n',
        train=accounts[:1],
        validate=accounts[1:],
        history=HISTORY,
    )


def test_a_card_names_network_keypoints_and_start(accounts):
    assert card(accounts).startswith("# Model card: paper-lite, 14 keypoints\n")
    assert "- Weights at the start: fresh" in card(accounts)
    assert "lsp14: right_ankle, right_knee" in card(accounts)
    assert "- Weights at the start: lite (Apache-2.0)" in card(accounts, start="lite")
    assert "- Weights at the start: mine.safetensors\n" in card(accounts, start="mine.safetensors")


def test_a_card_names_the_data_and_leaves_its_terms_open(accounts):
    assert "| my/photos | 1..3 | training | 3 | 42 | 0 | (to be filled in) |" in card(accounts)
    assert "| others | all | validation | 3 | 42 | 0 | (to be filled in) |" in card(accounts)


def test_a_card_shows_the_best_epoch_among_some(accounts):
    text = card(accounts)
    assert "from epoch 13, after 40 of 40 epochs" in text
    assert "| **13** | **both** | **0.07692** | **80** | **0.02** |" in text
    table = text.split("| epoch |")[1].split("\n\n")[0].splitlines()[2:]
    assert table[0].startswith("| 1 |")
    assert table[-1].startswith("| 40 |")
    assert len(table) <= 13


def test_a_flat_network_says_that_it_is_flat(accounts):
    assert "It is flat" in card(accounts)
    assert "It is flat" not in card(accounts, network="lite")


def test_a_card_holds_the_recipe_and_commands(accounts):
    assert '```toml\nnetwork = "paper-lite"\n```\n' in card(accounts)
    assert "blazepose track clip.mp4 --model best.safetensors" in card(accounts)
