"""From what was found to numbers: which keypoints count, which measures can be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np

from blazepose import metrics
from blazepose.datasets import VISIBLE, Sample
from blazepose.evaluate.finders import Input
from blazepose.evaluate.judge import Evaluation, Judged
from blazepose.evaluate.pairing import box_of, points_on, visibility_on
from blazepose.pose import Pose
from blazepose.shapes import Bool, Float
from blazepose.skeleton import LIMB_JOINTS, LSP14, Skeleton

Joints: TypeAlias = Literal["limbs", "all"]

_Size: TypeAlias = Callable[[np.ndarray, np.ndarray, Skeleton], np.ndarray]

PCKH_ALPHA = 0.5  # Andriluka et al., CVPR 2014
BOX_ALPHA = 0.1  # Yang & Ramanan, TPAMI 2013
AUC_LIMIT = 0.5


@dataclass(frozen=True)
class Subject:
    """What was judged on what, in the words of the user.

    Attributes:
        dataset: name of the data set.
        split: the part of it; None for all.
        model: name or file.
        input: "image", "roi", or "file" for predictions.
    """

    dataset: str
    split: str | None
    model: str
    input: Input | Literal["file"]

    @property
    def title(self) -> str:
        """What to call it in a line: the model, a file with the folder it lies in."""
        return "/".join(Path(self.model).parts[-2:])


@dataclass(frozen=True, eq=False)
class Scores:
    """The numbers of an evaluation.

    Attributes:
        subject: what was judged.
        evaluation: what was found; `people` there are the rows of `errors`.
        alpha: of PCK and PDJ, and of `per_joint`.
        found: how many of the people.
        metrics: name -> 0..1; without those that the labels do not allow.
        per_joint: keypoint -> PCK, 0..1; NaN for one that is never labelled.
        errors: (N, J) distances from the labels in torsos, see `metrics.relative_error`.
    """

    subject: Subject
    evaluation: Evaluation
    alpha: float
    found: int
    metrics: dict[str, float]
    per_joint: dict[str, float]
    errors: Float[np.ndarray, "N J"]

    @property
    def pck(self) -> str:
        """Key of the main measure in `metrics`."""
        return f"pck@{self.alpha:g}"

    @property
    def per_person(self) -> Float[np.ndarray, " N"]:
        """PCK of each person, 0..1; NaN for one without a torso."""
        counted = ~np.isnan(self.errors)
        right = (self.errors < self.alpha).sum(axis=1)
        return np.where(counted.any(axis=1), right / np.maximum(counted.sum(axis=1), 1), np.nan)

    def to_json(self) -> dict[str, Any]:
        """As `blazepose eval --json` writes it; measures are shares 0..1, null where unknown."""
        subject, evaluation = self.subject, self.evaluation
        return {
            "dataset": subject.dataset,
            "split": subject.split,
            "model": subject.model,
            "input": subject.input,
            "n": len(self.errors),
            "found": self.found,
            "metrics": {name: round(value, 5) for name, value in self.metrics.items()},
            "per_joint": {
                name: None if np.isnan(value) else round(value, 5)
                for name, value in self.per_joint.items()
            },
            "images": len(evaluation.images),
            "ms_per_image": evaluation.ms_per_image and round(evaluation.ms_per_image, 2),
            "complete": evaluation.complete,
            "problems": list(evaluation.problems),
        }


def counted_joints(skeleton: Skeleton, which: Joints | None = None) -> tuple[str, ...]:
    """Names of the keypoints that count.

    Args:
        skeleton: of the labels.
        which: "limbs", the twelve from shoulders to ankles that all skeletons share, or "all".
            None takes the limbs on Leeds Sports Pose, whose head top and neck no other skeleton
            has, and all elsewhere.

    Raises:
        ValueError: the skeleton has none of the limbs.
    """
    if which == "all" or (which is None and skeleton.name != LSP14.name):
        return skeleton.names
    names = tuple(name for name in skeleton.names if name in LIMB_JOINTS)
    if not names:
        raise ValueError(f"skeleton {skeleton.name} has none of {', '.join(LIMB_JOINTS)}")
    return names


def explain(name: str) -> str:
    """What a measure of `Scores.metrics` says, in a few words."""
    kind, _, alpha = name.partition("@")
    return {
        "pck": f"keypoints within {alpha} torso",
        "pckh": f"keypoints within {alpha} head",
        "pck_box": f"keypoints within {alpha} of the longer box side",
        "pdj": f"keypoints within {alpha} torso, mean over joints",
        "auc": f"mean PCK over alpha from 0 to {alpha}",
        "visibility": "keypoints rightly called visible or hidden",
        "oks_ap": "average precision over OKS 0.50 to 0.95",
        "oks_ap50": "average precision at OKS 0.50",
        "oks_ap75": "average precision at OKS 0.75",
        "oks_ar": "average recall over OKS 0.50 to 0.95",
    }[kind]


def score(evaluation: Evaluation, subject: Subject, *, alpha: float = 0.2) -> Scores:
    """All measures that the labels allow.

    Args:
        evaluation: what was found.
        subject: what to call it.
        alpha: of PCK and PDJ, in torsos.

    Raises:
        ValueError: nobody was judged.
    """
    people = evaluation.people
    if not people:
        raise ValueError("expected at least one person with labelled keypoints, got 0")
    table = _Table.of(people, evaluation.joints)
    errors = table.errors(table.size(metrics.torso_size))
    shares = metrics.pck_per_joint(errors, alpha)
    return Scores(
        subject=subject,
        evaluation=evaluation,
        alpha=alpha,
        found=sum(judged.pose is not None for judged in people),
        metrics=_distances(table, errors, alpha) | _visibility(table) | _precision(evaluation),
        per_joint=dict(zip(evaluation.joints, shares.tolist(), strict=True)),
        errors=errors,
    )


@dataclass(frozen=True, eq=False)
class _Table:
    """People in rows, the J keypoints that count in columns; px.

    Attributes:
        people: those judged.
        columns: the counting ones among the K keypoints of the labels.
        truth: as labelled.
        labelled: which have a label.
        visible: which are labelled as not hidden.
        pred: as found; NaN for nobody.
        visibility: as found, 0..1; NaN for nobody.
    """

    people: list[Judged]
    columns: list[int]
    truth: Float[np.ndarray, "N J 2"]
    labelled: Bool[np.ndarray, "N J"]
    visible: Bool[np.ndarray, "N J"]
    pred: Float[np.ndarray, "N J 2"]
    visibility: Float[np.ndarray, "N J"]

    @classmethod
    def of(cls, people: list[Judged], joints: tuple[str, ...]) -> _Table:
        skeleton = people[0].person.skeleton
        columns = [skeleton.index(name) for name in joints]
        counted = Skeleton("counted", joints, ())
        return cls(
            people=people,
            columns=columns,
            truth=np.stack([j.person.points[columns] for j in people]),
            labelled=np.stack([j.person.labelled[columns] for j in people]),
            visible=np.stack([j.person.visible[columns] == VISIBLE for j in people]),
            pred=np.stack([points_on(j.pose, counted) for j in people]),
            visibility=np.stack([visibility_on(j.pose, counted) for j in people]),
        )

    def size(self, measure: _Size) -> Float[np.ndarray, " N"]:
        """A length of each person; NaN where the labels do not have its ends."""
        people = [judged.person for judged in self.people]
        points = np.stack([person.points for person in people])
        labelled = np.stack([person.labelled for person in people])
        try:
            return measure(points, labelled, people[0].skeleton)
        except ValueError:  # the skeleton has no such keypoints
            return np.full(len(people), np.nan)

    def box_size(self) -> Float[np.ndarray, " N"]:
        """The longer side of each person's box."""
        return metrics.box_size(np.stack([box_of(judged.person) for judged in self.people]))

    def errors(self, scale: Float[np.ndarray, " N"]) -> Float[np.ndarray, "N J"]:
        """Distances from the labels in units of the scale."""
        return metrics.relative_error(self.pred, self.truth, self.labelled, scale)


def _distances(table: _Table, torsos: Float[np.ndarray, "N J"], alpha: float) -> dict[str, float]:
    """Measures of distance; those whose scale nobody has are left out."""
    values = {}
    if _any(torsos):
        values[f"pck@{alpha:g}"] = _pck(torsos, alpha)
    if _any(heads := table.errors(table.size(metrics.head_size))):
        values[f"pckh@{PCKH_ALPHA:g}"] = _pck(heads, PCKH_ALPHA)
    if _any(boxes := table.errors(table.box_size())):
        values[f"pck_box@{BOX_ALPHA:g}"] = _pck(boxes, BOX_ALPHA)
    if _any(torsos):
        values[f"pdj@{alpha:g}"] = metrics.pdj(torsos, alpha)
        values[f"auc@{AUC_LIMIT:g}"] = metrics.auc(torsos, limit=AUC_LIMIT)
    return values


def _visibility(table: _Table) -> dict[str, float]:
    """Only where the labels tell hidden from visible."""
    if not (table.labelled & ~table.visible).any():
        return {}
    share = metrics.visibility_accuracy(table.visibility, table.visible, table.labelled)
    return {"visibility": share}


def _precision(evaluation: Evaluation) -> dict[str, float]:
    """OKS-AP and AR, if the library that counts them is there."""
    if not metrics.can_average():
        return {}
    counted = Skeleton("counted", evaluation.joints, ())
    images = [_image(people, answer.poses, counted) for people, answer in evaluation.images]
    result = metrics.average_precision(images, metrics.sigmas(counted))
    return {f"oks_{name}": value for name, value in asdict(result).items()}


def _image(
    people: Sequence[Sample], poses: Sequence[Pose], counted: Skeleton
) -> metrics.ImagePeople:
    columns = [people[0].skeleton.index(name) for name in counted.names]
    pred = [points_on(pose, counted) for pose in poses]
    return metrics.ImagePeople(
        truth=np.stack([person.points[columns] for person in people]),
        labelled=np.stack([person.labelled[columns] for person in people]),
        boxes_xyxy=np.stack([box_of(person) for person in people]),
        pred=np.array(pred, np.float64).reshape(-1, len(columns), 2),
        score=np.array([pose.score for pose in poses], np.float64),
    )


def _any(errors: Float[np.ndarray, "N J"]) -> bool:
    return not np.isnan(errors).all()


def _pck(errors: Float[np.ndarray, "N J"], alpha: float) -> float:
    return float(metrics.pck_curve(errors, np.array([alpha]))[0])
