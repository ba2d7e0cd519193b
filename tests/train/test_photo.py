from dataclasses import replace

import numpy as np
import pytest
from unvaried import NO_AUGMENT

from blazepose.train.photo import occlude, vary

NOISE = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)


def varied(image: np.ndarray, seed: int, **options: float) -> np.ndarray:
    return vary(image, replace(NO_AUGMENT, **options), np.random.default_rng(seed))


def test_what_is_switched_off_changes_nothing() -> None:
    assert np.array_equal(varied(NOISE, 0), NOISE)


@pytest.mark.parametrize("option", ["colour", "dark", "blur", "noise"])
def test_a_variation_changes_pixels_and_keeps_the_picture(option: str) -> None:
    before = NOISE.copy()
    for seed in range(5):
        image = varied(NOISE, seed, **{option: 1})
        assert (image.shape, image.dtype) == (NOISE.shape, np.uint8)
        assert not np.array_equal(image, NOISE)
        assert np.array_equal(image, varied(NOISE, seed, **{option: 1}))
    assert np.array_equal(NOISE, before)


def test_low_light_is_darker() -> None:
    assert all(varied(NOISE, seed, dark=1).mean() < 0.75 * NOISE.mean() for seed in range(5))


def test_colours_vary_round_what_they_were() -> None:
    grey = np.full((32, 32, 3), 128, np.uint8)
    means = np.array([varied(grey, seed, colour=0.3).mean(axis=(0, 1)) for seed in range(300)])
    assert means.mean(axis=0) == pytest.approx([128] * 3, abs=4)
    assert means.std(axis=0).min() > 10


def test_blur_moves_nothing() -> None:
    image = np.zeros((256, 256, 3), np.uint8)
    image[100:140, 120:150] = 255
    for seed in range(40):
        light = varied(image, seed, blur=1)[..., 0].astype(np.float64)
        places = np.arange(256) + 0.5
        middle = np.array([light.sum(0) @ places, light.sum(1) @ places]) / light.sum()
        assert np.abs(middle - (135, 120)).max() < 0.1


def test_what_is_behind_a_rectangle_is_hidden() -> None:
    points = np.random.default_rng(1).uniform(-20, 276, (80, 2)).astype(np.float32)
    inside = ((points >= 0) & (points < 256)).all(axis=1)
    columns, rows = points.astype(int).clip(0, 255).T
    for seed in range(40):
        rng = np.random.default_rng(seed)
        image, hidden = occlude(NOISE, points, replace(NO_AUGMENT, occlude=1), rng)
        changed = (image[rows, columns] != NOISE[rows, columns]).any(axis=-1)
        assert np.array_equal(hidden, changed & inside)
        assert (image != NOISE).any(axis=-1).mean() < 0.5
