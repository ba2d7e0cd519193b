"""A teacher network looks at every person of a data set and writes down what it sees.

Each person is shown as labelled (the region that alignment gives, or one that begins with the box)
and mirrored, and the mean of the two views is kept. In photos without labels the fast Lite network
looks for the person first.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from blazepose.datasets import Lessons, Sample, labelled_region
from blazepose.errors import ModelError, SourceError
from blazepose.pose import Roi
from blazepose.shapes import UInt8
from blazepose.skeleton import BLAZEPOSE33, LIMB_JOINTS
from blazepose.track.landmarker import Landmarker
from blazepose.track.models import model_files
from blazepose.track.search import Estimator
from blazepose.video import read_image

_SAVE_EVERY = 500
_LOOKS_FROM_BOX = 2
_LIMBS = [BLAZEPOSE33.index(name) for name in LIMB_JOINTS]
_LOG = logging.getLogger(__name__)


def lessons_name(teacher: str, samples: Sequence[Sample]) -> str:
    """A file's name for a teacher's lessons on these people, as labelled, and on no others."""
    digest = hashlib.sha256(teacher.encode())
    if (own := Path(teacher)).is_file():  # may change and keep its name
        digest.update(own.read_bytes())
    for image in dict.fromkeys(sample.image for sample in samples):
        with contextlib.suppress(OSError):  # who is missing has no lesson
            told = image.stat()  # another picture may have come under the name
            digest.update(f"{image.resolve()} {told.st_size} {told.st_mtime_ns}".encode())
    for sample in samples:
        digest.update(str(sample.image).encode())
        digest.update(sample.points.tobytes() + sample.visible.tobytes())
        if sample.box_xyxy is not None:
            digest.update(sample.box_xyxy.tobytes())
            if not sample.labelled.any():
                digest.update(b"looked at in the box")  # once the photo's surest person was taken
    return f"{Path(teacher).stem}-{digest.hexdigest()[:16]}"


def teach(
    samples: Sequence[Sample],
    path: Path,
    *,
    teacher: str = "heavy",
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Lessons:
    """Lessons on all samples; what a file of an earlier, broken-off run has is not done again.

    Without lesson stay: an image that cannot be read, labels without hips, shoulders and box, and a
    photo in which the teacher finds nobody.

    Args:
        samples: labelled people, or people without any label (whole photos).
        path: of the .npz file; saved every few hundred people and on interruption.
        teacher: a released model's name or a model file, with the 33 points.
        progress: called with (people done, people in all).

    Raises:
        SourceError: `path` holds lessons on another number of people.
        ModelError, DownloadError: as for `Tracker`.
        OutputError: `path` cannot be written.
    """
    lessons, done = _resume(path, len(samples))
    if done == len(samples):
        return lessons
    landmarker = Landmarker.open(model_files(teacher).landmarks, precision="float32")
    if landmarker.skeleton.names != BLAZEPOSE33.names:
        raise ModelError(
            f"expected a teacher with the {len(BLAZEPOSE33)} points of the released models, "
            f"{teacher} has those of {landmarker.skeleton.name}"
        )
    estimator = Estimator("lite")
    try:
        while done < len(samples):
            _teach_one(lessons, done, samples[done], landmarker, estimator)
            done += 1
            progress(done, len(samples))
            if done % _SAVE_EVERY == 0:
                _save(lessons, done, path)
    finally:
        _save(lessons, done, path)
    return lessons


def _resume(path: Path, count: int) -> tuple[Lessons, int]:
    """What is there, and how many of its people are done; a spread of infinity marks the rest."""
    if not path.exists():
        return Lessons.blank(count), 0
    lessons = Lessons.read(path)
    if len(lessons) != count:
        raise SourceError(
            f"{path}: expected lessons on {count} people, got {len(lessons)}; delete the file"
        )
    waiting = np.isinf(lessons.spread)
    lessons.spread[waiting] = np.nan
    return lessons, count - int(waiting.sum())


def _save(lessons: Lessons, done: int, path: Path) -> None:
    spread = lessons.spread.copy()
    spread[done:] = np.inf
    replace(lessons, spread=spread).write(path)


def _teach_one(
    lessons: Lessons, i: int, sample: Sample, landmarker: Landmarker, estimator: Estimator
) -> None:
    try:
        image = read_image(sample.image)
    except SourceError as error:
        _LOG.warning("no lesson: %s", error)
        return
    roi = _region(sample, image, landmarker, estimator)
    if roi is None:
        return
    upright = landmarker(image, roi, anywhere=True)
    mirrored = landmarker(image, roi, mirrored=True, anywhere=True)
    pose = upright.pose
    gap = np.linalg.norm((pose.points - mirrored.pose.points)[_LIMBS, :2], axis=1)
    lessons.points[i, :-2] = (pose.points + mirrored.pose.points) / 2
    lessons.points[i, -2:, :2] = (upright.auxiliary + mirrored.auxiliary) / 2
    lessons.points[i, -2:, 2] = 0
    lessons.world[i] = (pose.world + mirrored.pose.world) / 2
    lessons.visibility[i] = (pose.visibility + mirrored.pose.visibility) / 2
    lessons.score[i] = (pose.score + mirrored.pose.score) / 2
    lessons.spread[i] = gap.mean() / roi.size


def _region(
    sample: Sample, image: UInt8[np.ndarray, "H W 3"], landmarker: Landmarker, estimator: Estimator
) -> Roi | None:
    """Where the person is: as labelled; of a box alone the teacher makes a region of their own."""
    roi = labelled_region(sample)
    if sample.labelled.any():
        return roi
    if roi is None:  # a whole photo
        poses = estimator(image)
        return poses[0].roi if poses else None
    for _ in range(_LOOKS_FROM_BOX):
        roi = landmarker(image, roi, anywhere=True).next_roi
    return roi
