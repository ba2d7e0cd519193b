from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose.geometry import crop
from blazepose.pose import Roi
from blazepose.weights import store


@pytest.fixture(scope="session")
def released():
    """Name -> path of a released file."""
    return store.path


@pytest.fixture(scope="session")
def photos() -> list[np.ndarray]:
    """50 photos of people in sports."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "lsp" / "images"
    if not folder.is_dir():
        pytest.skip("no shared/data/lsp beside the checkout")
    files = sorted(folder.glob("*.jpg"))[::20][:50]
    return [cv2.cvtColor(cv2.imread(str(file)), cv2.COLOR_BGR2RGB) for file in files]


@pytest.fixture(scope="session")
def crops(photos):
    """Function of a network: (50, 3, S, S) in the range it wants."""

    def make(network) -> np.ndarray:
        pixels = [
            crop(
                photo, Roi((photo.shape[1] / 2, photo.shape[0] / 2), max(photo.shape)), network.size
            )
            for photo in photos
        ]
        images = (np.stack(pixels).astype(np.float32) - network.mean) / network.std
        return np.ascontiguousarray(images.transpose(0, 3, 1, 2)).astype(np.float32)

    return make
