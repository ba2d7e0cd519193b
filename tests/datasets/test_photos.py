from pathlib import Path

import numpy as np
import pytest

from blazepose.datasets.photos import read_photos
from blazepose.errors import SourceError
from blazepose.video import write_image


def test_every_image_is_somebody_without_labels(tmp_path: Path):
    for name in ("b.png", "A.JPG", "more/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_image(tmp_path / name, np.zeros((8, 8, 3), np.uint8))
    (tmp_path / "notes.txt").touch()
    (tmp_path / "._A.JPG").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "d.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    samples = read_photos(tmp_path)
    assert [sample.image.name for sample in samples] == ["A.JPG", "b.png", "d.heic", "c.jpg"]
    assert not any(sample.labelled.any() for sample in samples)


def test_a_folder_without_images_is_told(tmp_path: Path):
    with pytest.raises(SourceError, match="expected a folder with photos, got none"):
        read_photos(tmp_path)
