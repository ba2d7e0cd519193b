"""Clips that are hard to follow, with a known truth, made of easy ones.

`scenes` composes them: cuts, people who leave and come back, a bar in front, turns, speed. Every
picture is a square; where somebody's points are in it follows from Heavy's pose in the untouched
clip and the known way the picture was moved. Knows nothing of the systems that are judged.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

import blazepose as bp
from blazepose.shapes import Float32, Float64, UInt8
from blazepose.skeleton import BLAZEPOSE33

CLIPS = ("squat_front", "pose_squats", "taiji", "walk_across", "single_person_demo", "pose_1")
PEOPLE = {"walk_across": 2}
SIDE = 640  # px of every picture
MOST_FRAMES = 180  # of a clip
SECOND = 30  # frames
EMPTY = 2 * SECOND  # nobody is there for so long
BAR = 3 * SECOND  # in which a bar passes through the picture
HIDDEN = 0.25  # a bar before more of somebody's points: the picture is not judged
COUNT = 10 * len(CLIPS)  # of scenes
NOISE = 2.0  # of the camera, grey levels


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a clip.

    Attributes:
        image: (SIDE, SIDE, 3) uint8 RGB.
        people: (33, 2) px of each; none: nobody is there.
        judged: False while the truth is not known or somebody is half hidden.
    """

    image: UInt8[np.ndarray, "S S 3"]
    people: tuple[Float32[np.ndarray, "33 2"], ...]
    judged: bool = True


@dataclass(frozen=True, eq=False)
class Scene:
    """A composed clip.

    Attributes:
        kind: what is hard about it.
        name: its own.
        pictures: all of it.
        events: numbers of the pictures from which somebody has to be found again.
    """

    kind: str
    name: str
    pictures: Sequence[Picture]
    events: Sequence[int] = field(default=())


def scenes(clips: dict[str, list[Picture]]) -> Iterator[Scene]:
    """Every hard clip, of the pictures that `load` gives by name."""
    names = list(clips)
    for name, after in zip(names, names[1:] + names[:1], strict=True):
        one, other = clips[name], clips[after]
        pair = f"{name}-{after}"
        yield _joined("cut", pair, _play(one, 45), _play(other, 45))
        takes = [_play((one, other)[i % 2], SECOND, start=i * SECOND) for i in range(4)]
        yield _joined("cuts every second", pair, *takes)
    for name, clip in clips.items():
        yield _leaving(name, clip)
        yield _behind_a_bar(name, clip)
        for quarter in (1, 2, 3):
            turned = [_turned(p, quarter * math.pi / 2) for p in _play(clip, 60)]
            kind = "upside down" if quarter == 2 else "on the side"
            yield Scene(kind, f"{name}-{90 * quarter}", turned, events=[0])
        upright, later = _play(clip, SECOND), _play(clip, 45, start=SECOND)
        yield _joined("turned over", name, upright, [_turned(p, math.pi) for p in later])
        spin = [
            _turned(p, 2 * math.pi * max(i - SECOND, 0) / (3 * SECOND))
            for i, p in enumerate(_play(clip, 4 * SECOND))
        ]
        yield Scene("camera turns in 3 s", name, spin)
        yield Scene("three times as fast", name, clip[::3])


def load(clip: Path) -> list[Picture]:
    """A clip's pictures, brought to the square, with Heavy's people in them."""
    people = PEOPLE.get(clip.stem, 1)
    tracker = bp.Tracker("heavy", people=people, smooth=False, precision="float32")
    pictures = []
    for frame in islice(bp.frames(clip), MOST_FRAMES):
        found = tuple(pose.points[:, :2] for pose in tracker(frame))
        pictures.append(_moved(Picture(frame.image, found, bool(found)), _fit(frame.image)))
    return pictures


def _joined(kind: str, name: str, *takes: Sequence[Picture]) -> Scene:
    """Takes one after the other; every cut is an event."""
    events = np.cumsum([len(take) for take in takes])[:-1]
    return Scene(kind, name, [p for take in takes for p in take], events=events.tolist())


def _leaving(name: str, clip: list[Picture]) -> Scene:
    """Somebody is gone at once, and comes back mirrored, smaller and elsewhere."""
    before, noise = _play(clip, 45), np.random.default_rng(0)
    room = replace(clip[0], image=_emptied(clip[0]), people=(), judged=True)
    empty = [replace(room, image=_noisy(room.image, noise)) for _ in range(EMPTY)]
    smaller = np.array([[0.75, 0, 0], [0, 0.75, 0.25 * SIDE]])
    after = [_moved(_mirrored(p), smaller) for p in _play(clip, 45, start=45)]
    return Scene(
        "leaves and comes back", name, [*before, *empty, *after], events=[len(before) + EMPTY]
    )


def _behind_a_bar(name: str, clip: list[Picture]) -> Scene:
    """A grey bar, wide enough to hide a person, goes through the picture."""
    pictures = _play(clip, BAR)
    widths = [np.ptp(p.people[0][:, 0]) for p in pictures if p.people]
    width = float(np.median(widths)) * 1.2
    left = np.linspace(-width, SIDE, BAR)
    barred = [_barred(p, x, x + width) for p, x in zip(pictures, left, strict=True)]
    hidden = [i for i, p in enumerate(barred) if pictures[i].judged and not p.judged]
    return Scene("behind a bar", name, barred, events=[hidden[-1] + 1] if hidden else [])


def _play(clip: Sequence[Picture], count: int, *, start: int = 0) -> list[Picture]:
    """Some pictures of a clip, which goes to and fro."""
    last = max(len(clip) - 1, 1)
    return [clip[last - abs(last - i % (2 * last))] for i in range(start, start + count)]


def _turned(picture: Picture, angle_rad: float) -> Picture:
    """Turned round the middle, counter-clockwise on the screen."""
    cos, sin = round(math.cos(angle_rad), 12), round(math.sin(angle_rad), 12)
    turn = np.array([[cos, sin], [-sin, cos]])
    middle = np.full(2, SIDE / 2)
    return _moved(picture, np.column_stack([turn, middle - turn @ middle]))


def _mirrored(picture: Picture) -> Picture:
    flip = np.array([-1, 1], np.float32)
    people = tuple(p[BLAZEPOSE33.mirror] * flip + np.float32([SIDE, 0]) for p in picture.people)
    return replace(picture, image=np.ascontiguousarray(picture.image[:, ::-1]), people=people)


def _emptied(picture: Picture) -> UInt8[np.ndarray, "S S 3"]:
    """The picture with a smooth surface in place of the boxes round its people."""
    small = SIDE // 8
    hole = np.zeros((small, small), np.uint8)
    for person in picture.people:
        low, high = person.min(axis=0), person.max(axis=0)
        margin = 0.15 * (high - low).max()
        x0, y0 = np.floor((low - margin) / 8).astype(int).clip(0, small)
        x1, y1 = np.ceil((high + margin) / 8).astype(int).clip(0, small)
        hole[y0:y1, x0:x1] = 255
    size = (small, small)
    filled = cv2.inpaint(
        cv2.resize(picture.image, size, interpolation=cv2.INTER_AREA), hole, 3, cv2.INPAINT_TELEA
    )
    large = (SIDE, SIDE)
    inside = cv2.resize(hole, large, interpolation=cv2.INTER_NEAREST)[..., None] > 0
    return np.where(inside, cv2.resize(filled, large), picture.image)


def _noisy(image: UInt8[np.ndarray, "S S 3"], random: np.random.Generator) -> np.ndarray:
    noise = random.normal(0, NOISE, image.shape).astype(np.float32)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def _barred(picture: Picture, left: float, right: float) -> Picture:
    image = picture.image.copy()
    image[:, max(int(left), 0) : max(int(right), 0)] = 128
    shares = [float(((p[:, 0] > left) & (p[:, 0] < right)).mean()) for p in picture.people]
    return replace(picture, image=image, judged=picture.judged and max(shares) <= HIDDEN)


def _fit(image: UInt8[np.ndarray, "H W 3"]) -> Float64[np.ndarray, "2 3"]:
    """The map that lays an image into the middle of the square."""
    size = np.array(image.shape[1::-1])
    scale = SIDE / size.max()
    return np.column_stack([scale * np.eye(2), (SIDE - scale * size) / 2])


def _moved(picture: Picture, matrix: Float64[np.ndarray, "2 3"]) -> Picture:
    """A picture under an affine map of its coordinates, (0, 0) being a corner; black outside."""
    centres = matrix.copy()
    centres[:, 2] += 0.5 * matrix[:, :2].sum(axis=1) - 0.5
    shrinks = abs(np.linalg.det(matrix[:, :2])) < 1
    image = _softened(picture.image, matrix) if shrinks else picture.image
    image = cv2.warpAffine(image, centres, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    people = (p @ matrix[:, :2].T + matrix[:, 2] for p in picture.people)
    return replace(picture, image=image, people=tuple(p.astype(np.float32) for p in people))


def _softened(image: np.ndarray, matrix: Float64[np.ndarray, "2 3"]) -> np.ndarray:
    """Without what a smaller picture cannot show."""
    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    return cv2.GaussianBlur(image, (0, 0), 0.5 / scale)
