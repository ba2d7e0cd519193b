import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from blazepose.errors import OutputError
from blazepose.look import LEFT, RIGHT
from blazepose.plot import figure_3d, has_depth, save_3d
from blazepose.skeleton import SKELETONS, Skeleton
from standing import standing_pose


def panels(figure):
    """The three panels as (H, W, 3) RGB pictures."""
    figure.canvas.draw()
    picture = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    for axes in figure.axes:
        box = axes.get_window_extent()
        rows = slice(round(len(picture) - box.y1), round(len(picture) - box.y0))
        yield picture[rows, round(box.x0) : round(box.x1)]


def place(picture, colour):
    """Rows and columns where the picture has this colour."""
    return np.nonzero((np.abs(picture.astype(int) - colour) <= 6).all(axis=2))


def turned(pose, *, yaw_deg=0.0, pitch_deg=0.0):
    """The pose turned about the upright axis, then about the camera's horizontal one."""
    yaw, pitch = np.radians([yaw_deg, pitch_deg])
    c, s = np.cos(yaw), np.sin(yaw)
    about_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(pitch), np.sin(pitch)
    about_x = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    return replace(pose, world=(pose.world @ (about_x @ about_y).T).astype(np.float32))


def with_left_arm_up(pose):
    world = pose.world.copy()
    world[[pose.skeleton.index("left_wrist"), pose.skeleton.index("left_index")]] += [-0.3, -0.7, 0]
    return replace(pose, world=world)


@pytest.mark.parametrize("skeleton", SKELETONS)
def test_the_file_is_a_picture_with_three_panels_and_a_title(tmp_path, skeleton):
    pose = standing_pose().to(skeleton)
    save_3d(tmp_path / "pose.png", pose, title="Squat")
    assert [path.name for path in tmp_path.iterdir()] == ["pose.png"]
    picture = cv2.imread(str(tmp_path / "pose.png"))
    assert picture.shape[1] > 1200
    assert picture.shape[0] > 600
    figure = figure_3d(pose, title="Squat")
    assert [axes.get_title().split(",")[0] for axes in figure.axes] == ["Front", "Side", "Rear"]
    assert figure.get_suptitle() == "Squat"


def test_axes_speak_of_metres_and_sides_of_left_and_right():
    figure = figure_3d(standing_pose())
    assert all("(m)" in axes.get_xlabel() for axes in figure.axes)
    assert "(m)" in figure.axes[0].get_ylabel()
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert legend == ["Left", "Right", "Centre", "Hidden"]


def test_a_metre_is_as_long_in_every_panel_and_direction():
    figure = figure_3d(standing_pose())
    figure.canvas.draw()
    for axes in figure.axes:
        origin, right, up = axes.transData.transform([(0, 0), (1, 0), (0, 1)])
        assert right[0] - origin[0] == pytest.approx(up[1] - origin[1])
        first = figure.axes[0].transData.transform([(0, 0), (1, 0)])
        assert right[0] - origin[0] == pytest.approx(first[1, 0] - first[0, 0])


def test_the_person_stands_upright_on_the_floor():
    front, side, rear = panels(figure_3d(with_left_arm_up(standing_pose())))
    for picture in (front, rear):
        assert place(picture, LEFT)[0].min() < place(picture, RIGHT)[0].min() - 50  # the hand
    for picture in (front, side, rear):
        rows = place(picture, LEFT)[0]
        assert rows.min() < 0.15 * len(picture)
        assert rows.max() > 0.85 * len(picture)


def test_heights_count_from_the_lowest_point():
    axes = figure_3d(standing_pose()).axes[0]
    heights = np.concatenate([line.get_ydata() for line in axes.lines])
    assert heights.min() == pytest.approx(0.0)
    assert heights.max() == pytest.approx(1.66, abs=1e-5)


def test_left_is_on_the_right_from_the_front_and_on_the_left_from_behind():
    front, _, rear = panels(figure_3d(standing_pose()))
    assert place(front, LEFT)[1].mean() > place(front, RIGHT)[1].mean() + 50
    assert place(rear, LEFT)[1].mean() < place(rear, RIGHT)[1].mean() - 50


@pytest.mark.parametrize(
    ("yaw_deg", "name", "near", "far"), [(20, "left", LEFT, RIGHT), (-20, "right", RIGHT, LEFT)]
)
def test_the_side_near_the_camera_is_shown_and_covers_the_other(yaw_deg, name, near, far):
    figure = figure_3d(turned(standing_pose(), yaw_deg=yaw_deg))
    _, side, _ = panels(figure)
    assert figure.axes[1].get_title() == f"Side, from the {name}"
    assert len(place(side, near)[0]) > 3 * len(place(side, far)[0])


@pytest.mark.parametrize(("yaw_deg", "near", "ahead"), [(20, LEFT, -1), (-20, RIGHT, 1)])
def test_toes_point_left_in_a_view_from_the_left(yaw_deg, near, ahead):
    _, side, _ = panels(figure_3d(turned(standing_pose(), yaw_deg=yaw_deg)))
    rows, columns = place(side, near)
    foot = columns[rows > 0.88 * len(side)]
    leg = columns[(rows > 0.5 * len(side)) & (rows < 0.8 * len(side))]
    assert ahead * (foot.mean() - leg.mean()) > 10


@pytest.mark.parametrize("yaw_deg", [-90, 45, 180])
def test_views_turn_with_the_body(yaw_deg):
    pose = with_left_arm_up(standing_pose())
    expected, _, _ = panels(figure_3d(pose))
    front, _, _ = panels(figure_3d(turned(pose, yaw_deg=yaw_deg)))
    assert (np.abs(front.astype(int) - expected).max(axis=2) > 60).mean() < 0.002


def test_left_is_not_said_of_the_floor_when_somebody_lies_on_a_side():
    pose = standing_pose()
    x, y, z = pose.world.T
    rolled = replace(pose, world=np.stack([-y, x, z], axis=1))
    labels = [axes.get_xlabel() for axes in figure_3d(rolled).axes]
    assert [label == "along the floor (m)" for label in labels] == [True, False, True]
    bent = turned(pose, pitch_deg=80)
    assert not any("floor" in axes.get_xlabel() for axes in figure_3d(bent).axes)


@pytest.mark.parametrize("pitch_deg", [-90, 90, 180])
def test_somebody_lying_or_upside_down_is_shown_so(pitch_deg):
    pose = turned(standing_pose(), yaw_deg=90, pitch_deg=pitch_deg)
    for axes in figure_3d(pose).axes:
        points = np.concatenate([line.get_xydata() for line in axes.lines])
        assert np.isfinite(points).all()
        assert points[:, 1].max() == pytest.approx(np.ptp(pose.world[:, 1]), abs=1e-5)


def test_hidden_bones_are_thin_and_dashed():
    hidden = standing_pose()
    hidden.visibility[hidden.skeleton.index("left_elbow")] = 0.1
    thick, thin = (
        len(place(next(panels(figure_3d(pose))), LEFT)[0]) for pose in (standing_pose(), hidden)
    )
    assert thin < 0.9 * thick
    dashed = [line for line in figure_3d(hidden).axes[0].lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2  # upper arm and forearm


def test_points_without_a_place_are_left_out():
    pose = standing_pose()
    pose.world[pose.skeleton.index("left_wrist")] = np.nan
    whole, partly = (
        len(place(next(panels(figure_3d(p))), LEFT)[0]) for p in (standing_pose(), pose)
    )
    assert 0 < partly < whole


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_pose_without_world_coordinates_is_an_error(value):
    pose = replace(standing_pose(), world=np.full((33, 3), value, np.float32))
    with pytest.raises(ValueError, match="needs finite world coordinates"):
        figure_3d(pose)


def test_a_pose_has_depth_where_hips_and_shoulders_are_somewhere_in_the_world():
    pose = standing_pose()
    flat = replace(pose, world=np.full((33, 3), np.nan, np.float32))
    hand = pose.to(Skeleton("hand2", ("left_wrist", "left_index"), ()))
    assert all(map(has_depth, (pose, pose.to("coco17"))))
    assert not any(map(has_depth, (flat, hand)))


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        save_3d(tmp_path / "missing" / "pose.png", standing_pose())
    (tmp_path / "taken.png").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        save_3d(tmp_path / "taken.png", standing_pose())
    assert [path.name for path in tmp_path.iterdir()] == ["taken.png"]


def test_figures_made_in_threads_are_the_same(tmp_path):
    paths = [tmp_path / f"{i}.png" for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda path: save_3d(path, standing_pose()), paths))
    assert len({path.read_bytes() for path in paths}) == 1


def test_matplotlib_loads_on_first_use_and_without_its_global_state():
    code = (
        "import sys, blazepose.plot; assert 'matplotlib' not in sys.modules;"
        "from standing import standing_pose; blazepose.plot.figure_3d(standing_pose());"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)
