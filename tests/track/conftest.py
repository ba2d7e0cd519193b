from pathlib import Path

import people
import pytest

from blazepose.runtimes import Network
from blazepose.track.models import ModelFiles


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> dict[str, people.FakeRuntime]:
    """Fakes in place of the networks, by what they are; the finder sees nobody."""
    fakes = {
        "person detector": people.detector(),
        "person finder": people.finder(blind=True),
        "landmark network": people.landmarks(),
    }
    files = ModelFiles(Path("landmarks"), Path("detector"))
    monkeypatch.setattr("blazepose.track.models.model_files", lambda model: files)

    def load(path: object, network: Network, **options: object) -> people.FakeRuntime:
        return fakes[network.what]

    for room in ("detector", "finder", "landmarker"):
        monkeypatch.setattr(f"blazepose.track.{room}.load", load)
    return fakes
