"""Made motion: a body of constant bones that does exercises, seen by a camera.

A figure is where each bone points, as two angles in degrees: in the side plane from up over the
front (0 up, 90 forward, 180 down), and out to the own side. Moves are figures by how far they are,
0 at rest to 1 at depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blazepose.pose import Frame, Pose, Roi
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.skeleton import BLAZEPOSE33

LENGTHS = {"trunk": 0.5, "upper": 0.3, "fore": 0.26, "thigh": 0.42, "shin": 0.42, "foot": 0.2}
_SHOULDER_M, _HIP_M = 0.18, 0.1  # half widths
_PX_PER_M = 300.0

Frames = list[tuple[float, Pose | None]]
Bone = tuple[float, float]  # degrees in the side plane from up over the front, degrees outward


@dataclass(frozen=True)
class Figure:
    """Where the bones point; of two-sided bones (left, right)."""

    trunk: float = 0.0
    thigh: tuple[Bone, Bone] = ((177, 2), (177, 2))
    shin: tuple[Bone, Bone] = ((183, 0), (183, 0))
    upper: tuple[Bone, Bone] = ((180, 10), (180, 10))
    fore: tuple[Bone, Bone] = ((170, 5), (170, 5))
    foot: float = 100.0
    anchor: str = "ankle"
    place_m: float = 0.0  # of the anchor, to the person's front


def both(angle: float, out: float = 0.0) -> tuple[Bone, Bone]:
    return (angle, out), (angle, out)


def mix(low: float, high: float, part: float) -> float:
    return low + (high - low) * part


def squat(p: float) -> Figure:
    bend = mix(10, 95, p)
    shin = 180 + 0.32 * bend
    arm = both(mix(175, 95, p), 8)
    return Figure(0.35 * bend, both(shin - bend, 4), both(shin, 2), arm, arm)


def lunge(p: float) -> Figure:
    thighs = ((mix(176, 100, p), 2), (mix(176, 190, p), 2))
    shins = ((mix(182, 184, p), 0), (mix(182, 262, p), 0))
    return Figure(4 + 6 * p, thighs, shins)


def push_up(p: float) -> Figure:
    half = mix(8, 52, p)
    rise = np.degrees(np.arcsin((0.56 * np.cos(np.radians(half)) - 0.1) / 1.34))
    trunk = 90 - rise
    legs = both(trunk + 180)
    arms = both(180 + half, 12), both(180 - half, 4)
    return Figure(trunk, legs, legs, *arms, foot=180, anchor="wrist")


def sit_up(p: float) -> Figure:
    trunk = mix(-88, 8, p)
    return Figure(
        trunk, both(48), both(138), both(trunk + 100, 20), both(trunk + 10, -20), anchor="hip"
    )


def pull_up(p: float) -> Figure:
    half = mix(6, 58, p)
    return Figure(3, both(178), both(195), both(0, half + 6), both(0, 6 - half), anchor="wrist")


def curl(p: float) -> Figure:
    return Figure(upper=both(180, 6), fore=both(mix(168, 45, p), 4), anchor="hip")


def press(p: float) -> Figure:
    return Figure(upper=both(0, mix(125, 14, p)), fore=both(0, mix(-8, 4, p)), anchor="hip")


def jack(p: float) -> Figure:
    legs, arms = both(180, mix(3, 22, p)), both(180, mix(12, 165, p))
    return Figure(0, legs, legs, arms, arms, anchor="hip")


def plank(_: float) -> Figure:
    legs = both(264)
    return Figure(84, legs, legs, both(180, 5), both(95, 5), foot=180, anchor="hip")


MOTIONS: dict[str, Callable[[float], Figure]] = {
    "squat": squat,
    "lunge": lunge,
    "push-up": push_up,
    "sit-up": sit_up,
    "pull-up": pull_up,
    "biceps curl": curl,
    "shoulder press": press,
    "jumping jack": jack,
}


def walk(time_s: float, *, speed_m: float = 1.2) -> Figure:
    """A step every 0.55 s."""
    turn = np.pi * time_s / 0.55
    swing, lift = 24 * np.sin(turn), 28 * np.cos(turn)
    thighs = ((180 - swing, 2), (180 + swing, 2))
    shins = ((180 - swing + 8 + max(lift, 0), 0), (180 + swing + 8 + max(-lift, 0), 0))
    arms = ((180 + swing, 8), (180 - swing, 8))
    return Figure(4, thighs, shins, arms, arms, place_m=speed_m * time_s, anchor="hip")


@dataclass(frozen=True)
class Camera:
    """From where a body is seen, and how well.

    Attributes:
        azimuth: degrees; 0 from the front, 90 with the person's left side near.
        elevation: degrees the camera looks down.
        noise_m: standard deviation of each coordinate, twice that in depth.
        mirrored: left and right exchanged, as a selfie camera shows it.
    """

    azimuth: float = 0.0
    elevation: float = 0.0
    noise_m: float = 0.0
    mirrored: bool = False

    def __call__(self, figure: Figure, rng: np.random.Generator) -> Pose:
        body, sure = joints(figure), np.full(33, 0.97, np.float32)
        turned = body @ _turn(self.azimuth, self.elevation).T
        if abs(np.sin(np.radians(self.azimuth))) > 0.8:
            far = "right" if np.sin(np.radians(self.azimuth)) > 0 else "left"
            hidden = [far in n and "hip" not in n and "shoulder" not in n for n in _NAMES]
            sure[hidden] = 0.4
        if self.mirrored:
            turned, sure = turned[BLAZEPOSE33.mirror] * [-1, 1, 1], sure[BLAZEPOSE33.mirror]
        noise = rng.normal(0, 1, turned.shape) * self.noise_m * [1, 1, 2]
        hips = turned[[23, 24]].mean(axis=0)
        world = (turned - hips + noise).astype(np.float32)
        points = (turned + noise) * _PX_PER_M + [640, 600, 0]
        sure = np.clip(sure + rng.normal(0, 0.01, 33), 0, 1).astype(np.float32)
        return Pose(points.astype(np.float32), world, sure, sure, 1.0, Roi((640, 360), 600))


_NAMES = BLAZEPOSE33.names


def joints(figure: Figure) -> np.ndarray:
    """(33, 3) m: to the person's left, up, front; before any camera."""
    at: dict[str, np.ndarray] = {}
    trunk = _along((figure.trunk, 0), 1)
    shoulders = LENGTHS["trunk"] * trunk
    for index, (side, sign) in enumerate((("left", 1), ("right", -1))):
        at[f"{side}_hip"] = np.array([sign * _HIP_M, 0, 0])
        at[f"{side}_shoulder"] = shoulders + np.array([sign * _SHOULDER_M, 0, 0])
        for start, bone, end in (
            *(("shoulder", "upper", "elbow"), ("elbow", "fore", "wrist")),
            *(("hip", "thigh", "knee"), ("knee", "shin", "ankle")),
        ):
            way = _along(getattr(figure, bone)[index], sign) * LENGTHS[bone]
            at[f"{side}_{end}"] = at[f"{side}_{start}"] + way
        toe = _along((figure.foot, 0), sign)
        at[f"{side}_heel"] = at[f"{side}_ankle"] - 0.05 * toe
        at[f"{side}_foot_index"] = at[f"{side}_heel"] + LENGTHS["foot"] * toe
    head = shoulders + 0.25 * trunk
    points = np.array([at.get(name, _small(name, at, head)) for name in _NAMES])
    fixed = (at[f"left_{figure.anchor}"] + at[f"right_{figure.anchor}"]) / 2
    return points - fixed + [0, 0, figure.place_m]


def _small(name: str, at: dict[str, np.ndarray], head: np.ndarray) -> np.ndarray:
    side = "left" if "left" in name else "right"
    if any(part in name for part in ("pinky", "index", "thumb")):
        return at[f"{side}_wrist"]
    return head + np.array([0.04 if side == "left" else -0.04, 0, 0.1])


def _along(bone: Bone, sign: int) -> np.ndarray:
    angle, out = np.radians(bone)
    return np.array([sign * np.sin(out), np.cos(angle) * np.cos(out), np.sin(angle) * np.cos(out)])


def _turn(azimuth: float, elevation: float) -> np.ndarray:
    """From left, up, front of the person to x right, y down, z away of the camera."""
    a, e = np.radians([azimuth, elevation])
    seen = np.array([[1, 0, 0], [0, -1, 0], [0, 0, -1]])
    around = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    down = np.array([[1, 0, 0], [0, np.cos(e), -np.sin(e)], [0, np.sin(e), np.cos(e)]])
    return down @ seen @ around


@dataclass(frozen=True)
class Plan:
    """How a set is done; times in s.

    Attributes:
        depths: how deep each repetition goes, 1 or about 0.45 for a half one.
        down_s, hold_s, up_s: of each repetition.
        pause_s: at rest after each.
        lead_s: at rest before and after the set.
        even: at one speed down and up; else as a cosine.
    """

    depths: tuple[float, ...]
    down_s: float = 1.0
    hold_s: float = 0.2
    up_s: float = 1.0
    pause_s: float = 0.4
    lead_s: float = 1.0
    even: bool = False

    @property
    def seconds(self) -> float:
        return 2 * self.lead_s + len(self.depths) * self.period_s

    @property
    def period_s(self) -> float:
        return self.down_s + self.hold_s + self.up_s + self.pause_s

    def depth(self, time_s: float) -> float:
        index, at = divmod(time_s - self.lead_s, self.period_s)
        if not 0 <= index < len(self.depths):
            return 0.0
        knots = np.cumsum([0, self.down_s, self.hold_s, self.up_s])
        part = float(np.interp(at, knots, [0, 1, 1, 0]))
        return self.depths[int(index)] * (part if self.even else (1 - np.cos(np.pi * part)) / 2)


def film(
    figure_at: Callable[[float], Figure],
    seconds: float,
    *,
    camera: Camera,
    fps: float = 30.0,
    seed: int = 0,
    gaps: tuple[tuple[float, float], ...] = (),
) -> Frames:
    """Frames of a motion; nobody is seen between the ends of each gap."""
    rng = np.random.default_rng(seed)
    times = np.arange(int(seconds * fps)) / fps
    gone = [any(start <= time < end for start, end in gaps) for time in times]
    return [
        (float(t), None if lost else camera(figure_at(t), rng))
        for t, lost in zip(times, gone, strict=True)
    ]


def sets(count: int, *, seed: int = 0) -> Iterator[tuple[str, Plan, Frames]]:
    """Sets of random exercises, tempos, views, noise and gaps: move, plan, frames."""
    rng = np.random.default_rng(seed)
    for index in range(count):
        move = list(MOTIONS)[index % len(MOTIONS)]
        plan = _plan(rng)
        start = float(rng.uniform(plan.lead_s, plan.seconds - plan.lead_s - 1))
        lost = ((start, start + float(rng.uniform(0.3, 1.0))),) if rng.random() < 0.4 else ()
        camera = Camera(
            azimuth=float(rng.uniform(-100, 100)),
            elevation=float(rng.uniform(-5, 15)),
            noise_m=float(rng.uniform(0.0, 0.02)),
            mirrored=bool(rng.random() < 0.3),
        )
        fps = float(
            rng.choice([5, 10, 15, 25, 30, 60, 120], p=[0.2, 0.15, 0.2, 0.15, 0.2, 0.05, 0.05])
        )
        yield move, plan, exercise(move, plan, camera=camera, fps=fps, seed=index, gaps=lost)


def exercise(
    move: str,
    plan: Plan,
    *,
    camera: Camera,
    fps: float = 15.0,
    seed: int = 0,
    gaps: tuple[tuple[float, float], ...] = (),
) -> Frames:
    """Frames of a set."""
    motion = MOTIONS[move]
    return film(
        lambda time_s: motion(plan.depth(time_s)),
        plan.seconds,
        camera=camera,
        fps=fps,
        seed=seed,
        gaps=gaps,
    )


def _plan(rng: np.random.Generator) -> Plan:
    reps = int(rng.integers(1, 5))
    depths = np.ones(reps)
    if reps > 1 and rng.random() < 0.3:
        depths[rng.integers(1, reps)] = 0.45
    return Plan(
        tuple(depths.tolist()),
        down_s=float(rng.uniform(0.6, 1.6)),
        hold_s=float(rng.uniform(0.0, 0.8)),
        up_s=float(rng.uniform(0.6, 1.6)),
        pause_s=float(rng.choice([0.2, 0.6, 2.0])),
    )


def write(path: Path, *people: Frames) -> Path:
    """A poses.jsonl file of people who do their exercises side by side, with ids from 1."""
    header = PoseFileHeader("made", "made.mp4", 1280, 720, 30.0)
    with open_pose_files(path.with_suffix(""), header) as file:
        for index, moment in enumerate(zip(*people, strict=True)):
            there = [
                replace(pose, id=id) for id, (_, pose) in enumerate(moment, 1) if pose is not None
            ]
            blank = np.zeros((1, 1, 3), np.uint8)
            file.write(Frame(blank, moment[0][0], index), there)
    return path


def aside(frames: Frames, *, right_px: float = 0.0, scale: float = 1.0) -> Frames:
    """The same person elsewhere in the picture, and smaller or larger."""
    move = np.float32([right_px, 0, 0])
    return [
        (time_s, pose and replace(pose, points=pose.points * np.float32(scale) + move))
        for time_s, pose in frames
    ]
