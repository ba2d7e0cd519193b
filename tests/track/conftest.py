from pathlib import Path

import people
import pytest

from blazepose.runtimes import Network
from blazepose.track.models import ModelFiles


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> dict[str, people.FakeRuntime]:
    """Fakes in place of the two networks, by what they are."""
    fakes = {"person detector": people.detector(), "landmark network": people.landmarks()}
    files = ModelFiles(Path("detector"), Path("landmarks"))
    monkeypatch.setattr("blazepose.track.models.model_files", lambda model: files)

    def load(path: object, network: Network, **options: object) -> people.FakeRuntime:
        return fakes[network.what]

    for place in ("blazepose.track.detector.load", "blazepose.track.landmarker.load"):
        monkeypatch.setattr(place, load)
    return fakes
