"""Skeletons: names, edges and left-right pairs of keypoints, and the way from one to another.

Knows nothing of images or networks. The 33 points are those of the released models; COCO-17 and
LSP-14 are what most data sets label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from blazepose.errors import did_you_mean
from blazepose.shapes import Bool, Float32, Int64


@dataclass(frozen=True)
class Skeleton:
    """A named set of keypoints.

    Attributes:
        name: short name, as in poses files.
        names: keypoint names in order; "left" and "right" are the person's own.
        edges: pairs of keypoint indices to draw as bones.
    """

    name: str
    names: tuple[str, ...]
    edges: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.names)

    def index(self, name: str) -> int:
        """Position of a keypoint; ValueError with near matches for an unknown name."""
        try:
            return self.names.index(name)
        except ValueError:
            hint = did_you_mean(name, self.names)
            raise ValueError(f"no keypoint {name!r} in skeleton {self.name}: {hint}") from None

    def to_json(self) -> dict[str, Any]:
        """The skeleton as plain values, for files that carry one of their own."""
        edges = [list(edge) for edge in self.edges]
        return {"name": self.name, "names": list(self.names), "edges": edges}

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Skeleton:
        """The inverse of `to_json`; ValueError, TypeError or KeyError for other values."""
        names, edges = tuple(map(str, fields["names"])), fields["edges"]
        bones = tuple((int(a), int(b)) for a, b in edges)
        if any(not 0 <= end < len(names) for bone in bones for end in bone):
            raise ValueError(f"edges between {len(names)} keypoints expected, got {edges}")
        return cls(str(fields["name"]), names, bones)

    @cached_property
    def mirror(self) -> Int64[np.ndarray, " K"]:
        """Index of each keypoint's left-right partner (itself where it has none)."""
        places = {name: place for place, name in enumerate(self.names)}
        return np.array([places.get(_other_side(n), i) for n, i in places.items()], np.int64)

    def mirrored_rows(self, count: int) -> Int64[np.ndarray, " R"]:
        """`mirror` for a network's rows: those behind the keypoints' have no partner."""
        return np.concatenate([self.mirror, np.arange(len(self), count)])

    @cached_property
    def sides(self) -> tuple[str, ...]:
        """Per keypoint "left", "right" or "centre"."""
        return tuple(_side(name) for name in self.names)


def skeleton(name: str) -> Skeleton:
    """The skeleton called `name`; ValueError with near matches for an unknown one."""
    if name not in SKELETONS:
        raise ValueError(f"unknown skeleton {name!r}: {did_you_mean(name, SKELETONS)}")
    return SKELETONS[name]


def usual_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of keypoints as they are spelled here: "Left Ear", "leftEar", "L-Ear" as "left_ear".

    A single l or r is a side only if the other side is there too.
    """
    spaced = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[\s.-]+", "_", name.strip()) for name in names]
    words = [name.lower().split("_") for name in spaced]
    known = {"_".join(each) for each in words}
    letters, full = {"l": "r", "r": "l"}, {"l": "left", "r": "right"}
    usual = []
    for each in words:
        other = "_".join(letters.get(word, word) for word in each)
        paired = other != "_".join(each) and other in known
        usual.append("_".join(full.get(word, word) if paired else word for word in each))
    return tuple(usual)


def skeleton_with(names: Sequence[str], *, title: str) -> Skeleton:
    """The smallest known skeleton that has all these keypoints, else a new one of these alone.

    Args:
        names: of keypoints, as a data set calls them.
        title: name for a new skeleton, which has no edges.

    Raises:
        ValueError: no names, or one twice.
    """
    if not names or len(set(names)) < len(names):
        raise ValueError(f"expected names of keypoints, each once, got {list(names)}")
    fitting = [known for known in SKELETONS.values() if set(names) <= set(known.names)]
    return min(fitting, key=len, default=Skeleton(title, tuple(names), ()))


@lru_cache
def conversion(source: Skeleton, target: Skeleton) -> Float32[np.ndarray, "T S"]:
    """Weights that make the keypoints of `target` from those of `source`.

    Keypoints of the same name are taken over; the others are the weighted means in `_DERIVED`.
    Rows sum to 1, so the result moves with the person.

    Raises:
        ValueError: a keypoint of `target` can neither be found nor derived.
    """
    weights = np.zeros((len(target), len(source)), np.float32)
    for row, name in enumerate(target.names):
        parts = {name: 1.0} if name in source.names else _DERIVED.get(name, {})
        if not parts or not set(parts) <= set(source.names):
            raise ValueError(
                f"skeleton {source.name} cannot be mapped to {target.name}: "
                f"it has nothing for {name!r}"
            )
        for part, weight in parts.items():
            weights[row, source.names.index(part)] = weight
    return weights


@lru_cache
def partial_conversion(
    source: Skeleton, target: Skeleton
) -> tuple[Bool[np.ndarray, " T"], Float32[np.ndarray, "C S"]]:
    """Which keypoints of `target` can be made from `source`, and the weights that make them."""
    rows = [_row(source, name) for name in target.names]
    known = np.array([row is not None for row in rows])
    weights = [row for row in rows if row is not None]
    return known, np.array(weights, np.float32).reshape(-1, len(source))


def _row(source: Skeleton, name: str) -> Float32[np.ndarray, " S"] | None:
    try:
        return conversion(source, Skeleton(name, (name,), ()))[0]
    except ValueError:
        return None


def _side(name: str) -> str:
    words = name.split("_")
    return next((word for word in words if word in ("left", "right")), "centre")


def _other_side(name: str) -> str:
    swap = {"left": "right", "right": "left"}
    return "_".join(swap.get(word, word) for word in name.split("_"))


def _edges(names: tuple[str, ...], *chains: str) -> tuple[tuple[int, int], ...]:
    """Edges from chains of keypoint names; "*" stands for left, then right."""
    edges: list[tuple[int, int]] = []
    for chain in chains:
        for side in ("left", "right") if "*" in chain else ("",):
            points = [names.index(word.replace("*", side)) for word in chain.split()]
            edges += pairwise(points)
    return tuple(edges)


LIMB_JOINTS = tuple(
    f"{side}_{part}"
    for part in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)
"""The twelve keypoints that all known skeletons share."""

_NAMES33 = (
    "nose",
    *("left_eye_inner", "left_eye", "left_eye_outer"),
    *("right_eye_inner", "right_eye", "right_eye_outer"),
    *("left_ear", "right_ear", "mouth_left", "mouth_right"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb"),
    *("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
    *("left_heel", "right_heel", "left_foot_index", "right_foot_index"),
)
_NAMES17 = (
    *("nose", "left_eye", "right_eye", "left_ear", "right_ear"),
    *("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist"),
    *("left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle"),
)
_NAMES14 = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
    *("neck", "head_top"),
)
_NAMES16 = (
    *("right_ankle", "right_knee", "right_hip", "left_hip", "left_knee", "left_ankle"),
    *("pelvis", "thorax", "upper_neck", "head_top"),
    *("right_wrist", "right_elbow", "right_shoulder", "left_shoulder", "left_elbow", "left_wrist"),
)
_TRUNK = ("left_shoulder right_shoulder", "left_hip right_hip", "*_shoulder *_hip")
_LIMBS = ("*_shoulder *_elbow *_wrist", "*_hip *_knee *_ankle")

BLAZEPOSE33 = Skeleton(
    "blazepose33",
    _NAMES33,
    _edges(
        _NAMES33,
        *("nose *_eye_inner *_eye *_eye_outer *_ear", "mouth_left mouth_right"),
        *(*_TRUNK, *_LIMBS),
        *("*_wrist *_pinky *_index *_wrist *_thumb", "*_ankle *_heel *_foot_index *_ankle"),
    ),
)
COCO17 = Skeleton(
    "coco17", _NAMES17, _edges(_NAMES17, "nose *_eye *_ear *_shoulder", *_TRUNK, *_LIMBS)
)
LSP14 = Skeleton(
    "lsp14",
    _NAMES14,
    _edges(
        _NAMES14,
        "head_top neck",
        "neck *_shoulder",
        "left_hip right_hip",
        "*_shoulder *_hip",
        *_LIMBS,
    ),
)
MPII16 = Skeleton(
    "mpii16",
    _NAMES16,
    _edges(
        _NAMES16,
        "head_top upper_neck thorax pelvis",
        *("thorax *_shoulder", "pelvis *_hip"),
        *_LIMBS,
    ),
)
SKELETONS = {s.name: s for s in (BLAZEPOSE33, COCO17, LSP14, MPII16)}

# The crown lies on the line from mid-shoulder through mid-ear, as far again as half of their
# distance (best on LSP 1..1000), the upper end of the neck a third of the way (stated
# approximations: no released point marks them).
_DERIVED: dict[str, dict[str, float]] = {
    "neck": {"left_shoulder": 0.5, "right_shoulder": 0.5},
    "thorax": {"left_shoulder": 0.5, "right_shoulder": 0.5},
    "pelvis": {"left_hip": 0.5, "right_hip": 0.5},
    "upper_neck": {
        "left_ear": 1 / 6,
        "right_ear": 1 / 6,
        "left_shoulder": 1 / 3,
        "right_shoulder": 1 / 3,
    },
    "head_top": {
        "left_ear": 0.75,
        "right_ear": 0.75,
        "left_shoulder": -0.25,
        "right_shoulder": -0.25,
    },
}
