import numpy as np
import pytest

from blazepose.train.others import Others

SIDE = 256


def person(x: int, shade: int) -> tuple[np.ndarray, np.ndarray]:
    """A crop with somebody 60 px wide and 160 tall on black, and their mask."""
    image, alpha = np.zeros((SIDE, SIDE, 3), np.uint8), np.zeros((SIDE, SIDE), np.float32)
    image[48:208, x : x + 60], alpha[48:208, x : x + 60] = shade, 1
    return image, alpha


def crowd(*, behind: float, share: float = 1) -> Others:
    others = Others(share=share, behind=behind, seed=0)
    for number in range(20):
        others.note(*person(60 + number, 250))
    return others


@pytest.mark.parametrize("behind", [0, 1])
def test_others_are_in_front_or_behind(behind: int) -> None:
    others, (image, alpha) = crowd(behind=behind), person(98, 100)
    body, changed = alpha > 0.5, 0
    for _ in range(30):
        shown, covered = others(image, alpha)
        different = (shown != image).any(axis=2)
        changed += int(different.any())
        assert covered[body].mean() < 0.75
        assert (different & ~covered)[body].mean() < 0.05  # soft edges
        if behind:
            assert not covered.any()
            assert not different[body].any()
    assert changed > 10


def test_in_front_they_hide_a_part_of_the_person() -> None:
    others, (image, alpha) = crowd(behind=0), person(98, 100)
    hidden = [(others(image, alpha)[0] != image).any(axis=2)[alpha > 0.5].mean() for _ in range(30)]
    assert 0.08 < max(hidden) < 0.75


def test_a_share_of_the_crops_stays_as_it_is() -> None:
    image, alpha = person(98, 100)
    none, some = crowd(behind=0.5, share=0), crowd(behind=0.5, share=0.3)
    assert all(none(image, alpha)[0] is image for _ in range(20))
    assert 100 < sum(some(image, alpha)[0] is image for _ in range(200)) < 200


def test_nobody_is_pasted_before_a_few_are_known_nor_over_hardly_anybody() -> None:
    others = Others(share=1, behind=0.5, seed=0)
    image, alpha = person(98, 100)
    assert others(image, alpha)[0] is image
    assert crowd(behind=0.5)(image, np.zeros_like(alpha))[0] is image


def test_whoever_is_cut_off_is_no_cut_out() -> None:
    others = Others(share=1, behind=0, seed=0)
    image, alpha = np.full((SIDE, SIDE, 3), 250, np.uint8), np.ones((SIDE, SIDE), np.float32)
    alpha[:, 100:] = 0
    for _ in range(30):
        others.note(image, alpha)
    person_image, person_alpha = person(98, 100)
    assert others(person_image, person_alpha)[0] is person_image
