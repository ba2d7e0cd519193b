"""OKS-AP and AR as COCO defines them, counted by pycocotools.

That library is the definition of the numbers others print, needs NumPy alone and comes as a wheel
for all platforms; the faster ones count the same. Somebody with a box and no labelled keypoint is
neither asked for nor, where found, held against the finder.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from blazepose.errors import MissingExtraError
from blazepose.metrics.oks import person_area
from blazepose.shapes import Bool, Float

MOST_PEOPLE = 20  # in an image, as COCO counts keypoints
_FAR = -1e6  # px


@dataclass(frozen=True)
class AveragePrecision:
    """Averages over OKS 0.50, 0.55 .. 0.95 unless said otherwise; 0..1.

    Attributes:
        ap: average precision.
        ap50: at OKS 0.50.
        ap75: at OKS 0.75.
        ar: average recall.
    """

    ap: float
    ap50: float
    ap75: float
    ar: float


@dataclass(frozen=True, eq=False)
class ImagePeople:
    """What is labelled and what was found in one image.

    Attributes:
        truth: px.
        labelled: which keypoints count.
        boxes_xyxy: px; of the labelled people.
        pred: px.
        score: how sure each found person is.
    """

    truth: Float[np.ndarray, "N K 2"]
    labelled: Bool[np.ndarray, "N K"]
    boxes_xyxy: Float[np.ndarray, "N 4"]
    pred: Float[np.ndarray, "P K 2"]
    score: Float[np.ndarray, " P"]


def can_average() -> bool:
    """Whether the extra package that counts is installed."""
    return importlib.util.find_spec("pycocotools") is not None


def average_precision(
    images: Sequence[ImagePeople], scatter: Float[np.ndarray, " K"]
) -> AveragePrecision:
    """OKS-AP and AR over images.

    Args:
        images: in any order.
        scatter: of the keypoints, from `sigmas`.

    Raises:
        MissingExtraError: pycocotools is not installed.
        ValueError: nobody is labelled.
    """
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError as error:
        raise MissingExtraError("OKS-AP", "eval") from error
    if not any(image.labelled.any() for image in images):
        raise ValueError("expected at least one labelled keypoint, got 0")
    with contextlib.redirect_stdout(io.StringIO()):  # it tells of its progress
        truth, found = COCO(), COCO()
        truth.dataset, found.dataset = _labels(images), _results(images)
        truth.createIndex()
        found.createIndex()
        judge = COCOeval(truth, found, "keypoints")
        judge.params.kpt_oks_sigmas = scatter
        judge.params.areaRng, judge.params.areaRngLbl = [[0, 1e10]], ["all"]
        judge.params.maxDets = [MOST_PEOPLE]
        judge.evaluate()
        judge.accumulate()
    return _averages(judge.eval)


def _labels(images: Sequence[ImagePeople]) -> dict[str, Any]:
    people: list[dict[str, Any]] = []
    for number, image in enumerate(images):
        for points, labelled, box, area in zip(
            image.truth,
            image.labelled,
            image.boxes_xyxy,
            person_area(image.boxes_xyxy),
            strict=True,
        ):
            person = _person(number, len(people) + 1, points, labelled)
            box_xywh = [*box[:2].tolist(), *(box[2:] - box[:2]).tolist()]
            count = {"num_keypoints": int(labelled.sum()), "iscrowd": 0}
            people.append(person | count | {"bbox": box_xywh, "area": float(area)})
    return _content(images, people)


def _results(images: Sequence[ImagePeople]) -> dict[str, Any]:
    people: list[dict[str, Any]] = []
    for number, image in enumerate(images):
        for points, score in zip(image.pred, image.score, strict=True):
            person = _person(number, len(people) + 1, points, np.isfinite(points).all(axis=-1))
            people.append(person | {"score": float(score), "area": 1.0})
    return _content(images, people)


def _person(number: int, own_id: int, points: np.ndarray, known: np.ndarray) -> dict[str, Any]:
    # What is not known lies where no label can be near.
    rows = np.column_stack([np.where(known[:, None], points, _FAR), np.where(known, 2, 0)])
    keypoints = rows.reshape(-1).tolist()
    return {"id": own_id, "image_id": number, "category_id": 1, "keypoints": keypoints}


def _content(images: Sequence[ImagePeople], people: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "images": [{"id": number} for number in range(len(images))],
        "annotations": people,
        "categories": [{"id": 1, "name": "person"}],
    }


def _averages(result: dict[str, Any]) -> AveragePrecision:
    precision = result["precision"][:, :, 0, 0, 0]  # (10 thresholds, 101 recalls)
    return AveragePrecision(
        ap=float(precision.mean()),
        ap50=float(precision[0].mean()),
        ap75=float(precision[5].mean()),
        ar=float(result["recall"][:, 0, 0, 0].mean()),
    )
