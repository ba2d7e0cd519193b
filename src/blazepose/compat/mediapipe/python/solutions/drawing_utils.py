"""Landmarks drawn into a picture, in place, and as a figure in space; as MediaPipe draws them.

Takes what the solution gives as well as what the task API gives. Colours are in the order of the
picture's channels, which with OpenCV is BGR.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import cv2
import numpy as np

from blazepose.compat.absent import absent
from blazepose.errors import MissingExtraError

WHITE_COLOR = (224, 224, 224)
BLACK_COLOR = (0, 0, 0)
RED_COLOR = (0, 0, 255)
GREEN_COLOR = (0, 128, 0)
BLUE_COLOR = (255, 0, 0)

# Least of what is drawn; scripts read these.
_VISIBILITY_THRESHOLD = _PRESENCE_THRESHOLD = 0.5
_BGR_CHANNELS = 3


@dataclass
class DrawingSpec:
    """How a line or a point is drawn.

    Attributes:
        color: 0..255, in the order of the picture's channels.
        thickness: px.
        circle_radius: px.
    """

    color: tuple[int, int, int] = WHITE_COLOR
    thickness: int = 2
    circle_radius: int = 2


Points: TypeAlias = Any
"""A list message of the solution, or a list of landmarks as the task API gives it."""
Connection: TypeAlias = Any
"""A pair of landmark numbers, or what has them as `start` and `end`."""

_POINT, _LINE = DrawingSpec(RED_COLOR), DrawingSpec()
_PLOTTED_POINT, _PLOTTED_LINE = DrawingSpec(RED_COLOR, 5), DrawingSpec(BLACK_COLOR, 5)


def draw_landmarks(
    image: np.ndarray,
    landmark_list: Points,
    connections: Iterable[Connection] | None = None,
    landmark_drawing_spec: DrawingSpec | Mapping[Any, DrawingSpec] | None = _POINT,
    connection_drawing_spec: DrawingSpec | Mapping[Any, DrawingSpec] | None = _LINE,
    is_drawing_landmarks: bool = True,
) -> None:
    """Draw a person into a picture.

    Left out is what lies outside of the picture, and what is given a visibility or a presence
    below 0.5.

    Args:
        image: (H, W, 3) uint8, drawn into.
        landmark_list: with x and y in parts of the image; nothing is drawn for None.
        connections: which landmarks a line connects.
        landmark_drawing_spec: for all points or for each by its number; None for no points.
        connection_drawing_spec: for all lines or for each by its pair; None for no lines.
        is_drawing_landmarks: whether points are drawn at all.

    Raises:
        ValueError: the picture has not three channels, or a connection leads to no landmark.
    """
    if not landmark_list:
        return
    if image.ndim != 3 or image.shape[2] != _BGR_CHANNELS:
        raise ValueError(f"expected a picture with three channels, got the shape {image.shape}")
    height, width = image.shape[:2]
    points = _points(landmark_list)
    seen = {
        i: place
        for i, point in enumerate(points)
        if _is_seen(point)
        and (place := _normalized_to_pixel_coordinates(point.x, point.y, width, height))
    }
    if connection_drawing_spec:
        for pair in _pairs(connections, len(points)):
            if pair[0] in seen and pair[1] in seen:
                spec = _spec(connection_drawing_spec, pair)
                cv2.line(image, seen[pair[0]], seen[pair[1]], spec.color, spec.thickness)
    if is_drawing_landmarks and landmark_drawing_spec:
        for i, place in seen.items():
            _draw_point(image, place, _spec(landmark_drawing_spec, i))


def plot_landmarks(
    landmark_list: Points,
    connections: Iterable[Connection] | None = None,
    landmark_drawing_spec: DrawingSpec = _PLOTTED_POINT,
    connection_drawing_spec: DrawingSpec = _PLOTTED_LINE,
    elevation: int = 10,
    azimuth: int = 10,
) -> None:
    """Show a person in space in a window of matplotlib.

    Args:
        landmark_list: world landmarks; nothing is shown for None.
        connections: which landmarks a line connects.
        landmark_drawing_spec: for the points, BGR.
        connection_drawing_spec: for the lines, BGR.
        elevation: of the eye, in degrees.
        azimuth: of the eye, in degrees.

    Raises:
        ValueError: a connection leads to no landmark.
        MissingExtraError: matplotlib is not installed.
    """
    if not landmark_list:
        return
    try:
        import matplotlib.pyplot as plt
    except ImportError:
        raise MissingExtraError("plot_landmarks", "plot") from None
    plt.figure(figsize=(10, 10))
    axes: Any = plt.axes(projection="3d")
    axes.view_init(elev=elevation, azim=azimuth)
    points = _points(landmark_list)
    seen = {i: (-p.z, p.x, -p.y) for i, p in enumerate(points) if _is_seen(p)}
    spec = landmark_drawing_spec
    for place in seen.values():
        axes.scatter3D(*place, color=_rgb(spec), linewidth=spec.thickness)
    spec = connection_drawing_spec
    for start, end in _pairs(connections, len(points)):
        if start in seen and end in seen:
            ends = zip(seen[start], seen[end], strict=True)
            axes.plot3D(*ends, color=_rgb(spec), linewidth=spec.thickness)
    plt.show()


def _normalized_to_pixel_coordinates(
    normalized_x: float, normalized_y: float, image_width: int, image_height: int
) -> tuple[int, int] | None:
    """The pixel of a place, None outside of the image; under this name because scripts call it."""
    inside = all(
        0 < value < 1 or math.isclose(value, 0) or math.isclose(value, 1)
        for value in (normalized_x, normalized_y)
    )
    if not inside:
        return None
    x, y = math.floor(normalized_x * image_width), math.floor(normalized_y * image_height)
    return min(x, image_width - 1), min(y, image_height - 1)


def _points(landmark_list: Points) -> Sequence[Any]:
    return landmark_list.landmark if hasattr(landmark_list, "landmark") else landmark_list


def _is_seen(point: Any) -> bool:
    """Whether nothing speaks against it; a value that is not given does not."""
    is_given = getattr(point, "HasField", lambda _: True)
    least = {"visibility": _VISIBILITY_THRESHOLD, "presence": _PRESENCE_THRESHOLD}
    given = {name: getattr(point, name) for name in least if is_given(name)}
    return all(value is None or value >= least[name] for name, value in given.items())


def _pairs(connections: Iterable[Connection] | None, count: int) -> Iterator[tuple[int, int]]:
    for connection in connections or ():
        named = hasattr(connection, "start")
        start, end = (connection.start, connection.end) if named else connection
        if not (0 <= start < count and 0 <= end < count):
            raise ValueError(f"connection {start}-{end} leads to none of the {count} landmarks")
        yield start, end


def _spec(specs: DrawingSpec | Mapping[Any, DrawingSpec], key: object) -> DrawingSpec:
    return specs[key] if isinstance(specs, Mapping) else specs


def _draw_point(image: np.ndarray, place: tuple[int, int], spec: DrawingSpec) -> None:
    border = max(spec.circle_radius + 1, int(spec.circle_radius * 1.2))
    cv2.circle(image, place, border, WHITE_COLOR, spec.thickness)
    cv2.circle(image, place, spec.circle_radius, spec.color, spec.thickness)


def _normalize_color(color: Iterable[int]) -> tuple[float, ...]:
    """From 0..255 to 0..1."""
    return tuple(channel / 255 for channel in color)


def _rgb(spec: DrawingSpec) -> tuple[float, ...]:
    return _normalize_color(reversed(spec.color))


def __getattr__(name: str) -> NoReturn:
    raise absent("mediapipe.solutions.drawing_utils", name)
