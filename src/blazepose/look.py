"""How a skeleton looks: which colour and how much weight each bone and keypoint has.

Shared by the pictures on frames and the 3-D figure, so that the same colour always means the same
thing. Colours are RGB 0..255 from the palette of Okabe and Ito ("Color Universal Design", 2008):
they stay apart for the common kinds of colour blindness. Left and right differ along the
blue-yellow axis, which red-green blindness leaves alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from blazepose.shapes import Bool, Float64, Int64, Shaped
from blazepose.skeleton import Skeleton

Colour = tuple[int, int, int]

LEFT: Colour = (230, 159, 0)
RIGHT: Colour = (86, 180, 233)
CENTRE: Colour = (245, 245, 245)
INK: Colour = (18, 22, 28)  # outlines and backdrops
SIDES = {"left": LEFT, "right": RIGHT, "centre": CENTRE}
# From the same palette, two lightened to carry dark letters, and three that stay apart from those
# for the same eyes. Red-green blindness brings yellow and purple near to left and right, so these
# colour labels, masks and lines across the body only.
PEOPLE = (
    (0, 190, 140),
    (240, 228, 66),
    (198, 112, 188),
    CENTRE,
    (165, 85, 255),
    (165, 105, 40),
    (180, 255, 150),
)

_FACE = {"nose", "eye", "ear", "mouth"}
_HEAD = {*_FACE, "head"}
_HAND = {"pinky", "index", "thumb"}
_FOOT = {"heel", "foot"}


@dataclass(frozen=True, eq=False)
class Look:
    """What is the same for every person with one skeleton.

    Attributes:
        sides: (K,) "left", "right" or "centre" per keypoint.
        bones: (B, 2) keypoint indices of the ends of each bone.
        bone_sides: (B,) the same words per bone.
        weight: (K,) 0..1, how heavy a keypoint is drawn; small for the parts of a face and a hand,
            that they do not become a blob.
        head: (K,) what belongs to the head.
    """

    sides: Shaped[np.ndarray, " K"]
    bones: Int64[np.ndarray, "B 2"]
    bone_sides: Shaped[np.ndarray, " B"]
    weight: Float64[np.ndarray, " K"]
    head: Bool[np.ndarray, " K"]


@lru_cache
def look(skeleton: Skeleton) -> Look:
    """The look of a skeleton, made once."""
    sides = skeleton.sides
    return Look(
        sides=np.array(sides),
        bones=np.array(skeleton.edges, np.int64).reshape(-1, 2),
        bone_sides=np.array([_bone_side(sides[a], sides[b]) for a, b in skeleton.edges]),
        weight=np.array([_weight(name) for name in skeleton.names]),
        head=np.array([bool(_words(name) & _HEAD) for name in skeleton.names]),
    )


def person_colour(person_id: int) -> Colour:
    """The colour that tells people apart; it comes round again after `len(PEOPLE)` ids."""
    return PEOPLE[person_id % len(PEOPLE)]


def _bone_side(one: str, other: str) -> str:
    """A bone from the centre to a side belongs to the side, one that crosses to the centre."""
    sides = {one, other} - {"centre"}
    return sides.pop() if len(sides) == 1 else "centre"


def _weight(name: str) -> float:
    words = _words(name)
    if words & _FOOT:
        return 0.65
    if words & _FACE:
        return 0.32
    return 0.38 if words & _HAND else 1.0


def _words(name: str) -> set[str]:
    return set(name.split("_"))
