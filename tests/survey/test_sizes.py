from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from blazepose.survey import image_sizes


@pytest.mark.parametrize("decode", [False, True])
def test_sizes_are_width_and_height_and_broken_images_are_told(person, tmp_path, decode):
    Image.new("RGB", (30, 20)).save(tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no image")
    people = [replace(person, image=tmp_path / n) for n in ("good.png", "bad.png", "none.png")]
    sizes, broken = image_sizes(people, decode=decode)
    assert sizes[0].tolist() == [30, 20]
    assert np.isnan(sizes[1:]).all()
    assert sorted(path.name for path in broken) == ["bad.png", "none.png"]


def test_an_image_that_is_cut_is_noticed_by_decoding(person, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (90, 80, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:3000])
    people = [replace(person, image=tmp_path / "cut.jpg")]
    assert not image_sizes(people)[1]
    assert image_sizes(people, decode=True)[1]


def test_an_image_of_several_people_is_opened_once(person):
    steps: list[tuple[int, int]] = []
    image_sizes([person, person], progress=lambda done, total: steps.append((done, total)))
    assert steps == [(1, 1)]


def test_no_people_have_no_sizes():
    sizes, broken = image_sizes([])
    assert (sizes.shape, broken) == ((0, 2), {})
