import itertools
import random
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from torch import Tensor

from blazepose.skeleton import BLAZEPOSE33
from blazepose.train.distil import Answer, Pool, Teacher, losses
from blazepose.train.others import Others

K, CELLS, SIDE = 39, 64, 256
LEFT, RIGHT = BLAZEPOSE33.index("left_wrist"), BLAZEPOSE33.index("right_wrist")


def logits(places: np.ndarray, height: float = 0.8) -> np.ndarray:
    """(64, 64, K) with a peak at each place, px of the crop."""
    y, x = np.mgrid[:CELLS, :CELLS].astype(np.float32)[..., None]
    far = (x - places[:, 0] / 4) ** 2 + (y - places[:, 1] / 4) ** 2
    peaks = (height * np.exp(-far / 4)).clip(1e-4, 1 - 1e-4)
    return np.log(peaks / (1 - peaks)).astype(np.float32)


class Large:
    """Sees every point in its place; whose first pixel is not red is in a mirror."""

    def __init__(self, places: np.ndarray) -> None:
        self.places = places.astype(np.float32)

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        swap = np.r_[BLAZEPOSE33.mirror, 33:K]
        for image in images:
            places = self.places
            if image[0, 0, 0] != 255:
                places = places[swap] * [-1, 1] + [SIDE, 0]
            rows = np.zeros((K, 5), np.float32)
            rows[:, :2] = places
            world = np.ones((K, 3), np.float32) * [1 if image[0, 0, 0] == 255 else -1, 1, 1]
            yield {
                "landmarks": rows.reshape(-1),
                "heatmap": logits(places.astype(np.float32)),
                "world": world.astype(np.float32).reshape(-1),
                "presence": np.float32([0.95]),
            }

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        raise NotImplementedError


class Released(Large):
    """Sees nobody's mask, and of the points the left wrist alone."""

    def each(self, images: Iterable[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        rows = np.full((K, 5), -9, np.float32)
        rows[LEFT, 3] = 9
        for _ in images:
            yield {"mask": np.full((SIDE, SIDE, 1), -9, np.float32), "landmarks": rows.reshape(-1)}


@pytest.fixture
def places() -> np.ndarray:
    return np.random.default_rng(0).uniform(30, 220, (K, 2)).astype(np.float32)


def batch(labels: np.ndarray, labelled: list[int]) -> dict[str, Tensor]:
    image = np.zeros((1, SIDE, SIDE, 3), np.uint8)
    image[0, 0, 0, 0] = 255
    points, trust = np.zeros((1, K, 3), np.float32), np.zeros((1, K, 2), np.float32)
    points[0, :, :2], trust[0, labelled, 0] = labels, 1
    arrays = {"image": image, "points": points, "trust": trust}
    return {name: torch.from_numpy(value) for name, value in arrays.items()}


def taught(places: np.ndarray, labels: np.ndarray, labelled: list[int]) -> list[Answer]:
    teacher = Teacher(Large(places), Released(places), Others(share=0, behind=0, seed=0))
    return list(teacher(batch(labels, labelled)))


def test_a_crop_and_its_mirror_say_one_thing(places: np.ndarray) -> None:
    answer, mirrored = taught(places, places, [])
    assert answer.landmarks[:, :2] == pytest.approx(places, abs=1)
    assert answer.world == pytest.approx(np.ones((K, 3)))
    assert answer.landmarks[[LEFT, RIGHT], 3] == pytest.approx([1, 0], abs=1e-3)
    assert mirrored.landmarks[[LEFT, RIGHT], 3] == pytest.approx([0, 1], abs=1e-3)
    assert mirrored.landmarks[LEFT, 0] == pytest.approx(SIDE - answer.landmarks[RIGHT, 0])
    alone = 1 / (1 + np.exp(-logits(places).max(axis=(0, 1))))
    assert answer.sure[:35] == pytest.approx(alone[:35], abs=0.03)  # as high as one map, not less
    assert (answer.sure[35:] == 0).all()
    again = mirrored.mirrored()
    for field in fields(Answer):
        found, expected = getattr(again, field.name), getattr(answer, field.name)
        if field.name == "heatmap":
            found, expected = found[..., 1:], expected[..., 1:]  # column 0 would be column 64
        assert np.allclose(found, expected, atol=1e-4), field.name


def test_a_label_far_from_the_teacher_overrides_it(places: np.ndarray) -> None:
    labels = places.copy()
    labels[LEFT] = places[LEFT] + [90, 0] if places[LEFT, 0] < 128 else places[LEFT] - [90, 0]
    answer, _ = taught(places, labels, [LEFT, RIGHT])
    assert answer.landmarks[LEFT, :2] == pytest.approx(labels[LEFT])
    row, column = np.unravel_index(answer.heatmap[LEFT].argmax(), (CELLS, CELLS))
    assert (column * 4, row * 4) == pytest.approx(labels[LEFT], abs=3)
    assert answer.landmarks[RIGHT, :2] == pytest.approx(places[RIGHT], abs=1)


def stacked(answers: list[Answer]) -> dict[str, Tensor]:
    one = {f.name: np.stack([getattr(a, f.name) for a in answers]) for f in fields(Answer)}
    return {name: torch.from_numpy(value) for name, value in one.items()}


def saying(aim: dict[str, Tensor]) -> dict[str, Tensor]:
    """What a network has to give for these answers."""
    maps = aim["heatmap"].float().clamp(1e-5, 1 - 1e-5)
    rows = aim["landmarks"].clone()
    rows[..., 3:] = torch.logit(rows[..., 3:].clamp(1e-4, 1 - 1e-4))
    return {
        "heatmap": torch.logit(maps),
        "landmarks": rows,
        "presence": aim["presence"][:, None],
        "world": aim["world"],
    }


def test_losses_are_least_for_the_answer_itself(places: np.ndarray) -> None:
    aim = stacked(taught(places, places, []))
    out = saying(aim)
    best = losses(out, aim)
    assert best["peaks"] == pytest.approx(2 * 0.3**0.5, abs=1e-3)
    assert best["world"] == best["depth"] == 0
    shift = {
        "heatmap": out["heatmap"].roll(6, -1),
        "landmarks": out["landmarks"] + 5,
        "presence": out["presence"] * 0.5,
        "world": out["world"] + 0.1,
    }
    worse = losses(shift, aim)
    assert all(worse[name] > best[name] for name in best)


def test_presence_is_whether_ones_own_points_are_right(places: np.ndarray) -> None:
    aim = stacked(taught(places, places, []))
    right, wrong = saying(aim), saying(aim)
    wrong["landmarks"] = wrong["landmarks"].roll(7, 1)
    for out, best in ((right, 0.95), (wrong, 0.1)):
        scores = (0.05, 0.1, 0.5, 0.95, 0.99)
        lost = {
            s: losses(out | {"presence": torch.full((2, 1), s)}, aim)["presence"] for s in scores
        }
        assert abs(min(lost, key=lambda s: lost[s]) - best) < 0.06


def test_who_is_misplaced_goes_with_the_pixels(places: np.ndarray) -> None:
    rng = random.Random(0)
    for _ in range(30):
        x, y = places[LEFT].astype(int)
        image = np.zeros((SIDE, SIDE, 3), np.uint8)
        image[y - 3 : y + 4, x - 3 : x + 4] = 255
        answer = replace(taught(places, places, [])[0], image=image)
        off = answer.misplaced(rng)
        assert (off.sure == 0).all()
        assert off.whole == 0
        if off.telling[LEFT]:
            x, y = off.landmarks[LEFT, :2].astype(int)
            assert off.image[y, x].min() > 120
        else:
            assert not ((off.landmarks[LEFT, :2] > 0) & (off.landmarks[LEFT, :2] < SIDE)).all()


def test_nothing_but_presence_and_points_is_learned_of_who_is_misplaced(places: np.ndarray) -> None:
    plain = taught(places, places, [])[0]
    aim = stacked([plain.misplaced(random.Random(seed)) for seed in range(8)])
    out = saying(aim)
    other = {name: value.clone().requires_grad_() for name, value in out.items()}
    lost = losses(other, aim)
    torch.stack([v for k, v in lost.items() if k not in ("presence", "landmarks")]).sum().backward()
    assert all(v.grad is None or (v.grad == 0).all() for v in other.values())


def test_a_pool_misplaces_a_share(places: np.ndarray) -> None:
    plain = taught(places, places, [])[0]
    pool = Pool(itertools.repeat(plain), size=32, seed=0, misplaced=0.5)
    whole = torch.cat([pool.batch(20)["whole"] for _ in range(5)])
    assert 25 < int(whole.sum()) < 75


def test_a_pool_gives_each_answer_twice_once_in_another_light(places: np.ndarray) -> None:
    plain = taught(places, places, [])[0]
    image = np.full((SIDE, SIDE, 3), 100, np.uint8)
    answers = (replace(plain, image=image, presence=np.float32(i)) for i in range(1000))
    pool = Pool(answers, size=8, seed=0)
    seen = [pool.batch(4) for _ in range(20)]
    numbers = torch.cat([b["presence"] for b in seen]).tolist()
    assert max(numbers.count(n) for n in numbers) == 2
    lights = torch.cat([b["image"].float().mean((1, 2, 3)) for b in seen])
    assert 0 < int((lights == 100).sum()) < len(lights)
