"""Make the README's picture: a frame of the demo clip and the same pose in 3-D.

python scripts/readme_picture.py docs/images/demo.png
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

import blazepose as bp
from blazepose.plot import save_3d
from blazepose.video import read_image, write_image
from blazepose.weights import store

FRAME = 120
WALKER = bp.Roi((810.0, 720.0), 560.0)  # px of the clip
CLIP_X, CLIP_Y, CLIP_W, CLIP_H = 520, 440, 600, 550  # px that are shown
HEIGHT = 560


def main(path: Path) -> None:
    with bp.frames(store.path("demo")) as clip:
        frame = next(frame for frame in clip if frame.index == FRAME)
    (pose,) = bp.Tracker("full")(frame, roi=WALKER)
    picture = bp.draw_poses(frame.image, [pose])
    picture = picture[CLIP_Y : CLIP_Y + CLIP_H, CLIP_X : CLIP_X + CLIP_W]
    with tempfile.TemporaryDirectory() as folder:
        save_3d(Path(folder) / "figure.png", pose)
        figure = read_image(Path(folder) / "figure.png")
    write_image(path, np.hstack([to_height(picture), to_height(figure)]))


def to_height(image: np.ndarray) -> np.ndarray:
    scale = HEIGHT / image.shape[0]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(image, (round(image.shape[1] * scale), HEIGHT), interpolation=way)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
