import pytest
from scripted import Seen


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """What the tracker and the search see, without networks."""
    state = Seen()
    for name in ("Tracker", "Estimator"):
        monkeypatch.setattr(f"blazepose.compat.engine.{name}", state.stand_in(name))
    return state
