"""The networks that lie in this package."""

from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets import labelled_region, read_lsp
from blazepose.skeleton import LIMB_JOINTS
from blazepose.track.landmarker import Landmarker
from blazepose.track.models import model_files
from blazepose.video import read_image
from blazepose.weights import store
from blazepose.weights.catalog import ENTRIES
from blazepose.weights.load import load_network

LSP = Path(__file__).parents[3] / "shared" / "data" / "lsp"
OWN = [row.name for row in ENTRIES.values() if row.shipped]


@pytest.mark.parametrize("name", OWN)
def test_each_is_whole_and_has_a_card(name: str) -> None:
    assert ENTRIES[name].fits(store.path(name).read_bytes())
    card = store.card(name)
    assert card is not None
    assert card.read_text(encoding="utf-8").startswith(f"# {name}\n")


def test_full_plus_is_a_full_network() -> None:
    checkpoint = load_network(store.path("full-plus"))
    assert (checkpoint.name, checkpoint.skeleton.name) == ("full", "blazepose33")


@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.skipif(not LSP.is_dir(), reason="no shared/data/lsp beside the checkout")
def test_full_plus_finds_more_joints_than_full() -> None:
    right: dict[str, list[np.ndarray]] = {"full": [], "full-plus": []}
    samples = read_lsp(LSP)[1000:1100]
    for name, found in right.items():
        landmarker = Landmarker.open(model_files(name).landmarks, precision="float32")
        for sample in samples:
            joints = [sample.skeleton.index(joint) for joint in LIMB_JOINTS]
            roi = labelled_region(sample)
            assert roi is not None
            pose = landmarker(read_image(sample.image), roi).pose.to("lsp14")
            off = np.linalg.norm(pose.points[joints, :2] - sample.points[joints], axis=1)
            found.append((off < 0.07 * roi.size)[sample.labelled[joints]])
    plain, plus = (np.concatenate(found).mean() for found in right.values())
    assert plus > plain + 0.005
