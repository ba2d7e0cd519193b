"""Crowds with a known truth: people of clips with one person, cut out, side by side and crossing.

    pip install motmetrics
    python scripts/crowds.py VIDEOS --out crowds

Ten videos with 2, 4 and 8 people over one background. Whoever is behind is hidden by those in
front. Tells id switches per minute, MOTA and IDF1 (py-motmetrics); a pose is somebody's with OKS
of at least 0.5. With --out the videos are written with the poses found, to be looked at.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import motmetrics
import numpy as np

import blazepose as bp
from blazepose.metrics import oks, person_area, sigmas
from blazepose.shapes import Float32, UInt8
from blazepose.skeleton import BLAZEPOSE33
from blazepose.video import VideoWriter

CLIPS = ("squat_front", "taiji", "pose_1", "single_person_demo", "pose_squats")
WIDTH, HEIGHT, FPS, SECONDS = 1280, 720, 30, 10
VIDEOS = ((2, "beside", 0), *((2, "crossing", n) for n in range(3)), (4, "beside", 1))
VIDEOS += ((4, "crossing", 1), (4, "crossing", 2), (8, "beside", 3), (8, "crossing", 3))
VIDEOS += ((8, "crossing", 4),)
LEAST_SEEN = 0.35  # of a person's pixels: who is hidden more need not be found
SAME = 0.5  # OKS
HUES = (0, 60, 120)  # added to the clothes of a clip's second and third person


@dataclass(frozen=True, eq=False)
class Cut:
    """A person cut out of a frame.

    Attributes:
        image: (H, W, 3) RGB.
        alpha: (H, W) 0..1.
        points: (33, 2) px.
    """

    image: UInt8[np.ndarray, "H W 3"]
    alpha: Float32[np.ndarray, "H W"]
    points: Float32[np.ndarray, "33 2"]


def cuts(clip: Path) -> list[Cut]:
    """Every frame's person, cut out by the released segmentation."""
    tracker, found = bp.Tracker("full", mask=True), []
    for frame in bp.frames(clip):
        for pose in tracker(frame):
            assert pose.mask is not None
            low, high = _bounds(pose.mask > 0.5)
            (x0, y0), (x1, y1) = low, high
            points = pose.points[:, :2] - np.array(low, np.float32)
            found.append(Cut(frame.image[y0:y1, x0:x1], pose.mask[y0:y1, x0:x1], points))
    return found


@dataclass(frozen=True, eq=False)
class Actor:
    """Somebody in a video: their cuts, to and fro, and where they stand."""

    cuts: list[Cut]
    height: float  # px of the tallest cut
    begin_x: float
    end_x: float
    floor_y: float
    hue: int
    start: int

    def at(self, frame: int) -> Cut:
        """The person as placed in the video's frame: image and mask of the video's size."""
        there = (frame + self.start) % (2 * len(self.cuts) - 2)
        cut = self.cuts[min(there, 2 * len(self.cuts) - 2 - there)]
        tallest = max(c.image.shape[0] for c in self.cuts)
        scale = self.height / tallest
        share = 0.5 - 0.5 * math.cos(2 * math.pi * frame / (FPS * SECONDS))
        x = self.begin_x + share * (self.end_x - self.begin_x) - scale * cut.image.shape[1] / 2
        y = self.floor_y - scale * cut.image.shape[0]
        move = np.float32([[scale, 0, x], [0, scale, y]])
        image = _recoloured(cut.image, self.hue)
        return Cut(
            cv2.warpAffine(image, move, (WIDTH, HEIGHT), flags=cv2.INTER_AREA),
            cv2.warpAffine(cut.alpha, move, (WIDTH, HEIGHT)),
            cut.points * np.float32(scale) + np.float32([x, y]),
        )


def actors(count: int, kind: str, seed: int, people: list[list[Cut]]) -> list[Actor]:
    """People in a row; crossing ones walk to the place of another. Later ones stand in front."""
    rng = np.random.default_rng((count, seed))
    places = (np.arange(count) + 0.5) / count * WIDTH
    order = rng.permutation(count)
    goals = places[::-1] if kind == "crossing" else places
    height = {1: 560, 2: 560, 4: 460, 8: 360}[count]
    return [
        Actor(
            cuts=people[(seed + i) % len(people)],
            height=height * (0.85 + 0.15 * rank / max(count - 1, 1)),
            begin_x=float(places[i]),
            end_x=float(goals[i]),
            floor_y=HEIGHT * (0.88 + 0.1 * rank / max(count - 1, 1)),
            hue=HUES[i // len(people)],
            start=int(rng.integers(0, 30)),
        )
        for rank, i in enumerate(order.tolist())
    ]


def video(cast: list[Actor]) -> Iterator[tuple[np.ndarray, dict[int, np.ndarray]]]:
    """Frames, and the points of everybody who can be seen, by number."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    wall = 150 + 40 * np.sin(x / 90) * np.cos(y / 130) - 60 * (y > 0.8 * HEIGHT)
    background = np.repeat(wall[..., None], 3, 2).astype(np.float32) * [0.95, 1, 0.9]
    for frame in range(FPS * SECONDS):
        picture, covered = background.copy(), []
        for actor in cast:
            cut = actor.at(frame)
            alpha = cut.alpha[..., None]
            picture = picture * (1 - alpha) + cut.image * alpha
            covered = [seen * (1 - cut.alpha) for seen in covered] + [cut.alpha.copy()]
            covered[-1] = cut.alpha
        truth = {}
        for number, (actor, seen) in enumerate(zip(cast, covered, strict=True)):
            cut = actor.at(frame)
            if seen.sum() > LEAST_SEEN * max(cut.alpha.sum(), 1):
                truth[number] = cut.points
        yield picture.clip(0, 255).astype(np.uint8), truth


def likeness(poses: list[bp.Pose], truth: dict[int, np.ndarray]) -> np.ndarray:
    """(truth, poses) OKS."""
    if not poses or not truth:
        return np.zeros((len(truth), len(poses)))
    right = np.stack(list(truth.values()))
    boxes = np.concatenate([right.min(axis=1), right.max(axis=1)], axis=1)
    pred = np.stack([pose.points[:, :2] for pose in poses])
    known = np.ones(right.shape[:2], bool)
    return oks(pred, right, known, person_area(boxes), sigmas(BLAZEPOSE33)).T


def judge(
    cast: list[Actor], model: str, out: Path | None
) -> tuple[motmetrics.MOTAccumulator, float]:
    """What a tracker makes of a video, and its median ms per frame."""
    tracker, account, times = bp.Tracker(model, people="all"), motmetrics.MOTAccumulator(True), []
    writer = VideoWriter(out, width=WIDTH, height=HEIGHT, fps=FPS) if out else None
    for number, (picture, truth) in enumerate(video(cast)):
        frame = bp.Frame(picture, number / FPS, number)
        began = time.perf_counter()
        poses = tracker(frame)
        times.append(time.perf_counter() - began)
        like = likeness(poses, truth)
        distance = np.where(like >= SAME, 1 - like, np.nan)
        account.update(list(truth), [pose.id for pose in poses], distance)
        if writer:
            writer.write(bp.draw_poses(picture, poses), number / FPS)
    if writer:
        writer.close()
    return account, 1e3 * float(np.median(times))


def main() -> None:
    """Make, track and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("videos", type=Path, help="folder with the clips")
    parser.add_argument("--model", default="full")
    parser.add_argument("--only", type=int, help="videos with so many people")
    parser.add_argument("--out", type=Path, help="folder for the videos with poses")
    given = parser.parse_args()
    people = [cuts(given.videos / f"{clip}.mp4") for clip in CLIPS]
    if given.out:
        given.out.mkdir(parents=True, exist_ok=True)
    accounts, names = [], []
    for count, kind, seed in VIDEOS:
        if given.only not in (None, count):
            continue
        name = f"{count}-{kind}-{seed}"
        out = given.out / f"{name}.mp4" if given.out else None
        account, ms = judge(actors(count, kind, seed, people), given.model, out)
        accounts.append(account)
        names.append(f"{name} ({ms:.0f} ms)")
    metrics = ("num_switches", "mota", "idf1", "recall", "precision", "num_unique_objects")
    judged = motmetrics.metrics.create().compute_many(
        accounts, metrics=list(metrics), names=names, generate_overall=True
    )
    judged["switches/min"] = judged["num_switches"] / SECONDS * 60
    judged.loc["OVERALL", "switches/min"] /= len(accounts)
    print(judged.round(3).to_string())


def _bounds(mask: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    y, x = np.nonzero(mask) if mask.any() else np.indices(mask.shape).reshape(2, -1)
    return (int(x.min()), int(y.min())), (int(x.max()) + 1, int(y.max()) + 1)


def _recoloured(image: np.ndarray, hue: int) -> np.ndarray:
    if not hue:
        return image
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0].astype(int) + hue) % 180
    hsv[..., 1] = np.maximum(hsv[..., 1], 60)
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)


if __name__ == "__main__":
    main()
