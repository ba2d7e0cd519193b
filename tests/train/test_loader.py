from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from blazepose.errors import SourceError
from blazepose.skeleton import LSP14
from blazepose.train.augment import cut_out
from blazepose.train.examples import Example, examples
from blazepose.train.loader import Batch, Crops, Order, as_input, collate, loader, plain_errors
from blazepose.train.recipe import Augment

SEED = 7


@pytest.fixture
def learners(people) -> list[Example]:
    return examples(people(6), LSP14)


def batches(
    learners: list[Example], *, workers: int = 0, epoch: int = 0, first_batch: int = 0
) -> list[Batch]:
    order = Order(len(learners), batch=2, seed=SEED)
    order.epoch, order.first_batch = epoch, first_batch
    crops = Crops(learners, LSP14, augment=Augment(wide=0.3, blur=0.5, noise=0.5))
    return list(loader(crops, order, batch=2, workers=workers))


def same(one: list[Batch], other: list[Batch]) -> bool:
    return len(one) == len(other) and all(
        torch.equal(values, b[name])
        for a, b in zip(one, other, strict=True)
        for name, values in a.items()
    )


def test_batches_follow_from_seed_and_epoch_whoever_loads_them(learners) -> None:
    alone = batches(learners)
    assert same(alone, batches(learners))
    assert same(alone, batches(learners, workers=2))
    assert not same(alone, batches(learners, epoch=1))


def test_the_rest_of_an_epoch_is_what_it_would_have_been(learners) -> None:
    assert same(batches(learners)[1:], batches(learners, first_batch=1))
    assert batches(learners, first_batch=3) == []


@pytest.mark.parametrize(("count", "batch", "world"), [(12, 2, 2), (13, 2, 2), (30, 4, 3)])
def test_processes_share_an_epoch_without_overlap(count: int, batch: int, world: int) -> None:
    parts = [
        list(Order(count, batch=batch, seed=SEED, rank=rank, world=world)) for rank in range(world)
    ]
    assert {len(part) for part in parts} == {batch * (count // (batch * world))}
    everybody = [number for part in parts for *_, number in part]
    assert len(set(everybody)) == len(everybody)
    assert count - len(everybody) < batch * world  # what is left fills no batch


def test_another_rest_is_left_out_every_epoch() -> None:
    order = Order(5, batch=2, seed=SEED)
    left_out = set()
    for order.epoch in range(20):
        left_out |= set(range(5)) - {number for *_, number in order}
    assert left_out == set(range(5))


def test_fewer_people_than_a_batch_are_shown_again() -> None:
    order = Order(3, batch=4, seed=SEED, rank=1, world=2)
    assert (order.batches, len(order), len(list(order))) == (1, 4, 4)


def test_a_broken_image_is_reported_and_another_one_is_shown(learners, caplog) -> None:
    learners[2].image.write_bytes(b"no image")
    learners[4].image.unlink()
    found = batches(learners)
    assert len(found) == 3
    assert all(len(batch["image"]) == 2 for batch in found)
    assert sorted(record.message for record in caplog.records)[0].startswith("left out: ")
    reported = " ".join(record.message for record in caplog.records)
    assert "002.png" in reported
    assert "004.png" in reported
    assert same(found, batches(learners))


def test_who_cannot_be_read_is_not_judged(learners, caplog) -> None:
    learners[1].image.unlink()
    crops = Crops(learners, LSP14, substitute=False)
    assert crops[SEED, 0, 0].trust.any()
    unknown = crops[SEED, 0, 1]
    assert not unknown.trust.any()
    assert not unknown.image.any()
    assert "001.png" in caplog.text


def test_a_broken_image_never_waits_for_itself(learners) -> None:
    """Whoever draws the broken one as its own substitute draws again."""
    learners[0].image.unlink()
    crops = Crops(learners[:2], LSP14)
    for seed in range(20):
        expected = crops[seed, 0, 1]
        assert np.array_equal(crops[seed, 0, 0].image, expected.image)


@pytest.mark.parametrize("workers", [0, 1])
def test_nothing_but_broken_images_is_an_error_of_one_line(learners, workers: int) -> None:
    for learner in learners:
        learner.image.unlink()
    said = "images drawn one after the other cannot be read"
    with pytest.raises(SourceError, match=said) as raised, plain_errors():
        batches(learners, workers=workers)
    assert "\n" not in str(raised.value)


def test_beside_one_of_several_people_is_not_nobody(learners) -> None:
    """In a picture of one person some crops show the background, which teaches absence."""
    options = Augment(background=1)
    alone = Crops(learners, LSP14, augment=options)
    shown = [alone[SEED, 0, number].presence for number in range(6)]
    assert 0 in shown
    other = replace(learners[0], roi=replace(learners[0].roi, angle_rad=1))
    both = Crops([*learners, other, *learners], LSP14, augment=options)
    assert [both[SEED, epoch, 0].presence for epoch in range(6)] == [1] * 6
    assert [both[SEED, 0, number].presence for number in range(1, 6)] == shown[1:]


def test_a_batch_is_the_crops_field_by_field(learners) -> None:
    crops = Crops(learners, LSP14)
    batch = collate([crops[SEED, 0, number] for number in range(3)])
    assert batch["image"].shape == (3, 256, 256, 3)
    assert batch["points"].shape == (3, 14, 3)
    assert batch["presence"].tolist() == [1, 1, 1]
    assert {values.dtype for name, values in batch.items() if name != "image"} == {torch.float32}
    shown = as_input(batch)
    assert shown.shape == (3, 3, 256, 256)
    assert shown.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(shown[1, 2], batch["image"][1, :, :, 2] / 255)


def test_without_variation_everybody_is_shown_as_aligned(learners) -> None:
    image = np.array(Image.open(learners[3].image))
    expected = cut_out(learners[3], image, learners[3].roi)
    assert np.array_equal(Crops(learners, LSP14)[SEED, 5, 3].image, expected.image)


def test_a_whole_image_is_stretched_and_its_points_with_it(learners) -> None:
    image = np.zeros((100, 200, 3), np.uint8)
    image[25:27, 150:152] = 255
    Image.fromarray(image).save(learners[0].image)
    points = learners[0].points.copy()
    points[0, :2] = (151, 26)
    learner = replace(learners[0], points=points)
    cut = Crops([learner], LSP14, whole=True)[SEED, 0, 0]
    assert cut.points[0, :2] == pytest.approx((151 * 256 / 200, 26 * 256 / 100))
    light = cut.image[..., 0].astype(np.float64)
    places = np.arange(256) + 0.5
    middle = np.array([light.sum(0) @ places, light.sum(1) @ places]) / light.sum()
    half = 0.5 - 0.5 * 256 / 200  # as MediaPipe samples
    assert middle == pytest.approx(cut.points[0, :2] + half, abs=0.3)
