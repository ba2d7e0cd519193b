import numpy as np
import pytest

import blazepose.compat.mediapipe as mp
from blazepose.compat.mediapipe.framework.formats import landmark_pb2
from blazepose.compat.mediapipe.tasks.python.components.containers import NormalizedLandmark
from blazepose.compat.mediapipe.tasks.python.vision.pose_landmarker import Connection

drawing = mp.solutions.drawing_utils
RED, WHITE = (0, 0, 255), (224, 224, 224)
LEFT, RIGHT = (0.25, 0.5), (0.75, 0.5)


def message(*places: tuple[float, float], **fields: float) -> landmark_pb2.NormalizedLandmarkList:
    points = [landmark_pb2.NormalizedLandmark(x=x, y=y, **fields) for x, y in places]
    return landmark_pb2.NormalizedLandmarkList(landmark=points)


def blank() -> np.ndarray:
    return np.zeros((80, 80, 3), np.uint8)


def colours(image: np.ndarray) -> set[tuple[int, ...]]:
    return {tuple(int(c) for c in colour) for colour in image.reshape(-1, 3)}


def test_points_are_red_with_a_white_rim_and_lines_white() -> None:
    image = blank()
    drawing.draw_landmarks(image, message(LEFT, RIGHT), [(0, 1)])
    assert tuple(image[40, 40]) == WHITE
    assert tuple(image[40, 22]) == RED
    assert tuple(image[36, 20]) == WHITE
    assert colours(image) == {(0, 0, 0), RED, WHITE}


def test_both_apis_draw_the_same() -> None:
    old, new = blank(), blank()
    drawing.draw_landmarks(old, message(LEFT, RIGHT), frozenset([(0, 1)]))
    points = [NormalizedLandmark(x, y) for x, y in (LEFT, RIGHT)]
    drawing.draw_landmarks(new, points, [Connection(0, 1)])
    assert old.any()
    assert (old == new).all()


@pytest.mark.parametrize("fields", [{"visibility": 0.4}, {"presence": 0.4}])
def test_what_is_hidden_is_left_out_with_its_lines(fields: dict[str, float]) -> None:
    image = blank()
    points = message(LEFT, RIGHT)
    points.landmark.append(landmark_pb2.NormalizedLandmark(x=0.5, y=0.1, **fields))
    drawing.draw_landmarks(image, points, [(0, 2), (1, 2)], connection_drawing_spec=None)
    assert image[30:50].any()
    assert not image[:30].any()


@pytest.mark.parametrize("place", [(-0.01, 0.5), (0.5, 1.01)])
def test_what_lies_outside_of_the_picture_is_left_out(place: tuple[float, float]) -> None:
    image = blank()
    drawing.draw_landmarks(image, message(place))
    assert not image.any()


def test_each_point_and_line_can_have_its_own_style() -> None:
    image = blank()
    point, line = drawing.DrawingSpec((1, 2, 3), -1, 6), drawing.DrawingSpec((4, 5, 6), 1)
    drawing.draw_landmarks(
        image, message(LEFT, RIGHT), [(0, 1)], {0: point, 1: point}, {(0, 1): line}
    )
    assert {(1, 2, 3), (4, 5, 6)} <= colours(image)
    assert RED not in colours(image)


def test_points_can_be_left_out() -> None:
    for options in ({"landmark_drawing_spec": None}, {"is_drawing_landmarks": False}):
        image = blank()
        drawing.draw_landmarks(image, message(LEFT, RIGHT), [(0, 1)], **options)
        assert colours(image) == {(0, 0, 0), WHITE}


def test_nobody_leaves_the_picture_as_it_was() -> None:
    image = blank()
    drawing.draw_landmarks(image, None, mp.solutions.pose.POSE_CONNECTIONS)
    drawing.plot_landmarks(None)
    assert not image.any()


def test_a_connection_to_nowhere_and_a_grey_picture_are_refused() -> None:
    with pytest.raises(ValueError, match="0-7"):
        drawing.draw_landmarks(blank(), message(LEFT), [(0, 7)])
    with pytest.raises(ValueError, match="three channels"):
        drawing.draw_landmarks(blank()[..., 0], message(LEFT))


def test_the_default_style_tells_left_from_right() -> None:
    style = mp.solutions.drawing_styles.get_default_pose_landmarks_style()
    points = mp.solutions.pose.PoseLandmark
    assert len(style) == 33
    assert style[points.LEFT_KNEE] == drawing.DrawingSpec((0, 138, 255), 2)
    assert style[points.MOUTH_RIGHT] == drawing.DrawingSpec((231, 217, 0), 2)
    assert style[points.NOSE] == drawing.DrawingSpec((224, 224, 224), 2)


def test_the_figure_in_space_stands_upright_and_faces_along_x(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    monkeypatch.setattr(plt, "show", lambda: None)
    points = landmark_pb2.LandmarkList(
        landmark=[landmark_pb2.Landmark(x=1, y=2, z=3), landmark_pb2.Landmark(x=4, y=5, z=6)]
    )
    drawing.plot_landmarks(points, [(0, 1)])
    (line,) = plt.gca().lines
    assert np.array(line.get_data_3d()).T.tolist() == [[-3, 1, -2], [-6, 4, -5]]
    plt.close("all")
