"""Batches of crops, the same in every run: order and variation follow from seed, epoch and item."""

from __future__ import annotations

import logging
import os
import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from blazepose.errors import SourceError
from blazepose.pose import Roi
from blazepose.skeleton import Skeleton
from blazepose.train.augment import Crop, augmented, cut_out
from blazepose.train.examples import Example
from blazepose.train.recipe import Augment
from blazepose.video import read_image

Batch = dict[str, Tensor]
"""The fields of `Crop`, each with B in front; image is (B, S, S, 3) uint8."""

Item = tuple[int, int, int]
"""Seed, epoch, number of the example."""

_TRIES = 20
_LOG = logging.getLogger(__name__)


class Crops(Dataset[Crop]):
    """Examples as crops.

    Args:
        examples: people.
        skeleton: the network's.
        augment: how crops are varied; None: each person's own region as it is.
        whole: the whole image, stretched to a square, in place of the person's region.
        size: side in px.
        substitute: whether somebody else is shown for whose image cannot be read, so that batches
            keep their size; else a black crop that nothing is known of, so that nobody is judged
            twice.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        skeleton: Skeleton,
        *,
        augment: Augment | None = None,
        whole: bool = False,
        size: int = 256,
        substitute: bool = True,
    ) -> None:
        self._substitute = substitute
        self._examples, self._skeleton = examples, skeleton
        self._augment, self._whole, self._size = augment, whole, size
        people = {(example.image, example.roi) for example in examples}
        self._people = Counter(image for image, _ in people)

    def __len__(self) -> int:
        return len(self._examples)

    def __getitem__(self, item: Item) -> Crop:
        seed, epoch, number = item
        rng = np.random.default_rng((seed, epoch, number))
        for _ in range(_TRIES):
            try:
                return self._cut(self._examples[number], rng)
            except SourceError as error:  # noqa: PERF203 - one broken image must not end the run
                _LOG.warning("left out: %s", error)
                if not self._substitute:
                    return _unknown(self._examples[number], self._size)
                number = int(rng.integers(len(self)))
        raise SourceError(
            f"{_TRIES} images drawn one after the other cannot be read, the last is "
            f"{self._examples[number].image}: check the data with `blazepose data check`"
        )

    def _cut(self, example: Example, rng: np.random.Generator) -> Crop:
        image = read_image(example.image)
        if self._whole:
            example, image = _squared(example, image)
        if self._augment is None:
            return cut_out(example, image, example.roi, size=self._size)
        options = self._augment
        if self._people[example.image] > 1:  # what lies beside one person may be another
            options = replace(options, background=0)
        return augmented(example, image, self._skeleton, options, rng, size=self._size)


class Order(Sampler[Item]):
    """Every example once, in an order that follows from seed and epoch, from a batch on.

    Args:
        count: number of examples.
        batch: size of this process's batches.
        rank: number of this process.
        world: number of processes; each takes its share of every epoch.
    """

    def __init__(self, count: int, *, batch: int, seed: int, rank: int = 0, world: int = 1) -> None:
        self._count, self._batch, self._seed = count, batch, seed
        self._rank, self._world = rank, world
        self.epoch, self.first_batch = 0, 0

    @property
    def batches(self) -> int:
        """In an epoch; the rest that does not fill one is left out, another one every epoch."""
        return max(self._count // (self._batch * self._world), 1)

    def __len__(self) -> int:
        return (self.batches - self.first_batch) * self._batch

    def __iter__(self) -> Iterator[Item]:
        order = np.random.default_rng((self._seed, self.epoch)).permutation(self._count)
        own = np.resize(order, max(len(order), self._batch * self._world))[
            self._rank :: self._world
        ]
        for number in own[self.first_batch * self._batch : self.batches * self._batch]:
            yield self._seed, self.epoch, int(number)


def loader(items: Dataset[Any], order: Order, *, batch: int, workers: int) -> DataLoader[Any]:
    """Batches in the given order, made by `workers` processes ahead of time."""
    return DataLoader(
        items,
        batch_size=batch,
        sampler=order,
        num_workers=workers,
        collate_fn=collate,
        worker_init_fn=_one_thread,
        prefetch_factor=4 if workers else None,
    )


@contextmanager
def plain_errors() -> Iterator[None]:
    """An error of a loading process in its own words, without its traceback.

    Raises:
        SourceError: as the process raised it.
        MemoryError: the GPU has too little of it.
    """
    try:
        yield
    except SourceError as error:
        raise SourceError(str(error).strip().rpartition("SourceError: ")[2]) from error
    except torch.OutOfMemoryError as error:
        raise MemoryError(str(error)) from error


def collate(items: Sequence[Any]) -> Batch:
    """Crops, or other frozen values of arrays, to tensors, field by field."""
    return {
        field.name: torch.from_numpy(np.stack([getattr(item, field.name) for item in items]))
        for field in fields(items[0])
    }


def as_input(batch: Batch) -> Tensor:
    """What a network takes: (B, 3, S, S) float32 RGB, 0..1, channels last in memory."""
    return batch["image"].permute(0, 3, 1, 2).float() / 255


def _unknown(example: Example, size: int) -> Crop:
    """A black crop without any target."""
    black = cut_out(example, np.zeros((size, size, 3), np.uint8), example.roi, size=size)
    return replace(black, trust=np.zeros_like(black.trust))


def _one_thread(_: int) -> None:
    """Begin a loading process: one thread, and signals are the training process's affair."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setpgrp"):  # where a cluster's SIGTERM comes to a whole group of processes
        os.setpgrp()
    cv2.setNumThreads(0)
    torch.set_num_threads(1)


def _squared(example: Example, image: np.ndarray) -> tuple[Example, np.ndarray]:
    """The image stretched to a square, and the example with it; the region is all of it."""
    height, width = image.shape[:2]
    side = max(height, width)
    stretch = np.array([side / width, side / height, 1], np.float32)
    return (
        replace(
            example, points=example.points * stretch, roi=Roi((side / 2, side / 2), float(side))
        ),
        cv2.resize(image, (side, side)),
    )
