"""Poses and masks of MediaPipe 0.10.21 (`mp.solutions.pose`), to compare with.

Runs in an environment of its own with mediapipe==0.10.21 and av, without blazepose.
`compare_mediapipe.py` and `compare_masks.py` make that environment and call this script; by hand:

    python -m venv mp && mp/bin/pip install mediapipe==0.10.21 av
    mp/bin/python scripts/reference_mediapipe.py clip squat.mp4 --out squat.json
    mp/bin/python scripts/reference_mediapipe.py images a.jpg b.jpg --out images.json
    mp/bin/python scripts/reference_mediapipe.py masks squat.mp4 --out squat.npz

`images @LIST` takes the paths from a text file, one per line. The wheel holds the full model only;
`--weights FILE` puts the lite or heavy one where the solution looks for it.

A pose is {"points": [[x, y, z, visibility] x 33], "world": [[x, y, z] x 33]}, null where nobody is
found. x and y are px (normalised values times width and height), z is px (times width), world is
metres. A clip's time is the solution's own, whatever the clip says: 33.333 ms per call. Masks are
the pixels of at least one half, packed to bits: `masks` (N, ceil(H * W / 8)) uint8, and `found`
(N,) bool.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import cv2
import mediapipe
import numpy as np

COMPLEXITY = {"lite": 0, "full": 1, "heavy": 2}


def main() -> None:
    args = parse_arguments()
    if args.weights:
        install_weights(args.model, args.weights)
    if args.job is cut_masks:
        cut_masks(args)
        return
    result = {"system": f"mediapipe {mediapipe.__version__}", "model": args.model}
    write_json(args.out, result | args.job(args))


def track_clip(args: argparse.Namespace) -> dict[str, Any]:
    """A pose per frame, each tracked from the one before."""
    with open_solution(args.model, static=False, smooth=args.smooth) as solution:
        frames = [find_pose(solution, image) for image in decode(args.clip)]
    height, width = next(decode(args.clip)).shape[:2]
    return {
        "source": args.clip.name,
        "smooth": args.smooth,
        "width": width,
        "height": height,
        "time": "simulated, 33.333 ms per call",
        "frames": frames,
    }


def cut_masks(args: argparse.Namespace) -> None:
    """The person's pixels in each frame."""
    masks = []
    with open_solution(args.model, static=False, smooth=args.smooth, mask=True) as solution:
        for image in decode(args.clip):
            mask = solution.process(image).segmentation_mask
            masks.append(None if mask is None else np.packbits(mask >= 0.5))
    nobody = np.packbits(np.zeros(image.shape[:2], bool))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    part = args.out.with_suffix(".part.npz")  # NumPy wants the suffix
    found = [mask is not None for mask in masks]
    np.savez_compressed(part, found=found, masks=[nobody if m is None else m for m in masks])
    part.replace(args.out)


def search_images(args: argparse.Namespace) -> dict[str, Any]:
    """A pose per image, each on its own (static_image_mode), and the median ms."""
    poses, times_ms = {}, []
    with open_solution(args.model, static=True, smooth=False) as solution:
        for path in args.images:
            image = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
            start_s = time.perf_counter()
            poses[path.name] = find_pose(solution, image)
            times_ms.append(1000 * (time.perf_counter() - start_s))
    return {"ms": round(statistics.median(times_ms), 2), "images": poses}


def open_solution(model: str, *, static: bool, smooth: bool, mask: bool = False) -> Any:
    return mediapipe.solutions.pose.Pose(
        static_image_mode=static,
        model_complexity=COMPLEXITY[model],
        smooth_landmarks=smooth,
        enable_segmentation=mask,
        smooth_segmentation=smooth,
    )


def find_pose(solution: Any, image: np.ndarray) -> dict[str, Any] | None:
    """The pose of an (H, W, 3) uint8 RGB image in px and metres; None where nobody is found."""
    found = solution.process(image)
    if found.pose_landmarks is None:
        return None
    height, width = image.shape[:2]
    points = [
        (p.x * width, p.y * height, p.z * width, p.visibility)
        for p in found.pose_landmarks.landmark
    ]
    world = [(p.x, p.y, p.z) for p in found.pose_world_landmarks.landmark]
    return {"points": np.round(points, 4).tolist(), "world": np.round(world, 5).tolist()}


def decode(clip: Path) -> Iterator[np.ndarray]:
    """The frames of a clip, (H, W, 3) uint8 RGB; a clip that asks to be turned is refused."""
    with av.open(str(clip)) as container:
        for frame in container.decode(video=0):
            if getattr(frame, "rotation", 0):
                sys.exit(
                    f"{clip}: expected an upright clip, its metadata says rotate; re-encode it"
                )
            yield frame.to_ndarray(format="rgb24")


def install_weights(model: str, weights: Path) -> None:
    """Put a model file where the solution looks before it tries to download one."""
    folder = Path(mediapipe.__file__).parent / "modules" / "pose_landmark"
    goal = folder / f"pose_landmark_{model}.tflite"
    if not goal.exists():
        part = goal.with_suffix(".part")
        shutil.copyfile(weights, part)
        part.replace(goal)


def write_json(path: Path, value: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(value))
    part.replace(path)


def parse_arguments() -> argparse.Namespace:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--model", choices=COMPLEXITY, default="full")
    shared.add_argument("--weights", type=Path, help="the model's .tflite, for lite and heavy")
    shared.add_argument("--no-smooth", dest="smooth", action="store_false")
    shared.add_argument("--out", type=Path, required=True)
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        fromfile_prefix_chars="@",
    )
    jobs = parser.add_subparsers(required=True)
    for name, job in (("clip", track_clip), ("masks", cut_masks)):
        clip = jobs.add_parser(name, parents=[shared])
        clip.add_argument("clip", type=Path)
        clip.set_defaults(job=job)
    images = jobs.add_parser("images", parents=[shared])
    images.add_argument("images", type=Path, nargs="+")
    images.set_defaults(job=search_images)
    return parser.parse_args()


if __name__ == "__main__":
    main()
