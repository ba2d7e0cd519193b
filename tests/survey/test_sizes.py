from dataclasses import replace

import numpy as np
from PIL import Image

from blazepose.survey import image_sizes


def test_sizes_are_width_and_height_and_broken_images_are_told(person, tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no image")
    people = [replace(person, image=tmp_path / n) for n in ("good.png", "bad.png", "none.png")]
    sizes, broken = image_sizes(people)
    assert sizes[0].tolist() == [30, 20]
    assert np.isnan(sizes[1:]).all()
    assert sorted(path.name for path in broken) == ["bad.png", "none.png"]


def test_no_people_have_no_sizes():
    sizes, broken = image_sizes([])
    assert (sizes.shape, broken) == ((0, 2), {})
