import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np

from blazepose.coach import Angles, analyze
from blazepose.workout import Workout
from blazepose.workout.curves import angle_chart

SVG = "{http://www.w3.org/2000/svg}"


def _elements(svg: bytes, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter(SVG + tag))


def test_left_and_right_are_two_lines_and_each_repetition_a_numbered_band(squats: Workout) -> None:
    svg = angle_chart(squats.analysis, "knee", depths=True)
    assert len(_elements(svg, "polyline")) == 2
    assert len(_elements(svg, "circle")) == 2
    words = [element.text for element in _elements(svg, "text")]
    assert {"knee", "left", "right", "1", "2", "seconds"} <= set(words)
    assert "3" not in words[:2]


def test_the_curve_is_where_its_angles_are(squats: Workout) -> None:
    svg = angle_chart(squats.analysis, "knee", depths=True)
    first, *_ = _elements(svg, "polyline")
    lowest = max(float(point.split(",")[1]) for point in first.get("points", "").split())
    depths = [float(circle.get("cy", "0")) for circle in _elements(svg, "circle")]
    assert abs(max(depths) - lowest) < 12


def test_what_is_not_seen_is_a_gap(squats: Workout) -> None:
    degrees = squats.analysis.angles.degrees.copy()
    degrees[20:30] = np.nan
    angles = Angles(degrees, squats.analysis.angles.confidence)
    svg = angle_chart(replace(squats.analysis, angles=angles), "knee")
    assert len(_elements(svg, "polyline")) == 4


def test_a_clip_of_one_frame_or_nobody_can_be_drawn() -> None:
    svg = angle_chart(analyze([(0.0, None)], "squat"), "trunk")
    assert not _elements(svg, "polyline")
    assert re.search(rb"180", svg)
