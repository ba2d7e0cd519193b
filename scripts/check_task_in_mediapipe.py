"""Track a video with two .task bundles in MediaPipe's own task API and compare the landmarks.

Run it with a Python that has MediaPipe (and not this package):

    python -m venv elsewhere && elsewhere/bin/pip install mediapipe==1.2.2
    elsewhere/bin/python scripts/check_task_in_mediapipe.py RELEASED.task OURS.task VIDEO

Prints how far the landmarks of the second bundle lie from those of the first, in px of the video.
Ends with 1 if the largest distance is above --limit, or below --at-least (to prove that changed
weights are really the ones that run).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

import cv2
import mediapipe as mp
import numpy as np


def main() -> int:
    options = _options()
    first, second = (track(task, options.video) for task in (options.released, options.ours))
    found = np.isfinite(first).all((1, 2)) & np.isfinite(second).all((1, 2))
    if (np.isfinite(first) != np.isfinite(second)).any():
        print("the bundles find a person in different frames")
        return 1
    gaps = np.linalg.norm(first[found] - second[found], axis=2)  # (frames, 33)
    print(
        f"{len(found)} frames, person in {found.sum()}; distance of landmarks in px: "
        f"mean {gaps.mean():.4f}, 99 % {np.quantile(gaps, 0.99):.4f}, largest {gaps.max():.4f}"
    )
    return 0 if options.at_least <= gaps.max() <= options.limit else 1


def track(task: str, video: str) -> np.ndarray:
    """Landmarks (frames, 33, 2) in px; NaN where nobody is found."""
    vision = mp.tasks.vision
    settings = vision.PoseLandmarkerOptions(
        base_options=mp.tasks.BaseOptions(model_asset_path=task),
        running_mode=vision.RunningMode.VIDEO,
    )
    rows = []
    with vision.PoseLandmarker.create_from_options(settings) as landmarker:
        for time_ms, image in frames(video):
            picture = mp.Image(image_format=mp.ImageFormat.SRGB, data=image)
            people = landmarker.detect_for_video(picture, time_ms).pose_landmarks
            size_wh = image.shape[1], image.shape[0]
            points = [(p.x, p.y) for p in people[0]] if people else np.full((33, 2), np.nan)
            rows.append(np.array(points) * size_wh)
    return np.stack(rows)


def frames(video: str) -> Iterator[tuple[int, np.ndarray]]:
    """Times in milliseconds and RGB images."""
    clip = cv2.VideoCapture(video)
    rate = clip.get(cv2.CAP_PROP_FPS)
    index = 0
    while (read := clip.read())[0]:
        yield round(1000 * index / rate), cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB)
        index += 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("released")
    parser.add_argument("ours")
    parser.add_argument("video")
    parser.add_argument("--limit", type=float, default=0.5, help="px")
    parser.add_argument("--at-least", type=float, default=0, help="px")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
