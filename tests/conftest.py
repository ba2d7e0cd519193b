"""Array shapes in annotations are checked while tests run."""

import gc
from collections.abc import Iterator

import pytest
from jaxtyping import install_import_hook

install_import_hook("blazepose", "shapecheck.check")


@pytest.fixture
def no_collector() -> Iterator[None]:
    """What is let go is gone at once, or not at all."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()
