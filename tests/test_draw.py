from dataclasses import replace

import numpy as np
import pytest

from blazepose.draw import draw_poses
from blazepose.look import CENTRE, LEFT, RIGHT, person_colour
from blazepose.pose import Frame
from blazepose.skeleton import SKELETONS, Skeleton
from standing import standing_pose

GREY = 120


def grey(height=400, width=400):
    return np.full((height, width, 3), GREY, np.uint8)


def near_colour(picture, colour, tolerance=12):
    """(H, W) where the picture has this colour."""
    return (np.abs(picture.astype(int) - colour) <= tolerance).all(axis=2)


def changed(picture):
    return (picture != GREY).any(axis=2)


def with_points(pose, name, **values):
    """The pose with visibility, presence or points of one keypoint set to something else."""
    k = pose.skeleton.index(name)
    fields = {}
    for field, value in values.items():
        array = getattr(pose, field).copy()
        array[k] = value
        fields[field] = array
    return replace(pose, **fields)


@pytest.mark.parametrize("skeleton", SKELETONS)
def test_each_side_of_the_body_has_its_colour(skeleton):
    picture = draw_poses(grey(), [standing_pose().to(skeleton)])
    left, right = near_colour(picture, LEFT), near_colour(picture, RIGHT)
    # The person faces the camera, so their left side is on the right of the picture.
    assert left[:, 212:].sum() > 300
    assert left[:, :188].sum() == 0
    assert right[:, :188].sum() > 300
    assert right[:, 212:].sum() == 0


def test_lines_across_the_body_are_near_white():
    picture = draw_poses(grey(), [standing_pose()])
    assert near_colour(picture[230:250, 190:210], CENTRE).any()


def test_the_image_itself_stays_as_it_is():
    image = grey()
    image.flags.writeable = False
    picture = draw_poses(image, [standing_pose()], fps=30)
    assert (image == GREY).all()
    assert picture.shape == image.shape
    assert picture.flags.writeable


def test_a_mirrored_view_of_an_array_can_be_drawn_on():
    picture = draw_poses(grey()[:, ::-1], [standing_pose()])
    assert np.array_equal(picture, draw_poses(grey(), [standing_pose()]))


def test_a_frame_and_one_pose_can_be_drawn_as_well():
    pose, image = standing_pose(), grey()
    assert np.array_equal(draw_poses(Frame(image), pose), draw_poses(image, [pose]))


def test_nobody_leaves_the_picture_untouched():
    assert np.array_equal(draw_poses(grey(), []), grey())


def test_bones_lie_where_the_points_are():
    picture = draw_poses(grey(), [standing_pose()])
    painted = changed(picture)
    assert painted[150 - 12 : 150 - 8, 240:260].any(axis=0).all()  # left upper arm
    assert not painted[:60].any()
    assert not painted[:, :25].any()
    assert not painted[:, 375:].any()


def test_a_line_is_centred_on_its_bone():
    pose = standing_pose(px_per_m=201.0, center_xy=(200.5, 240.0))
    column = changed(draw_poses(grey(), [pose]))[:, 260]  # through the left upper arm
    rows = np.flatnonzero(column) + 0.5
    assert rows.mean() == pytest.approx(240 - 0.5 * 201.0, abs=0.25)


def test_a_hidden_point_draws_weaker_than_a_visible_one():
    sure = standing_pose()
    unsure = with_points(sure, "left_elbow", visibility=0.5)
    hidden = with_points(sure, "left_elbow", visibility=0.0)
    amounts = [
        near_colour(draw_poses(grey(), [p])[:, 262:], LEFT).sum() for p in (sure, unsure, hidden)
    ]
    assert amounts[0] > amounts[1] > amounts[2] > 0


def test_the_core_of_a_hidden_point_is_dark():
    pose = standing_pose(center_xy=(200.5, 240.5))
    k = pose.skeleton.index("left_knee")
    x, y = pose.points[k, :2].astype(int)
    assert draw_poses(grey(), [pose])[y, x].min() > 230
    assert draw_poses(grey(), [with_points(pose, "left_knee", visibility=0.0)])[y, x].max() < 40


def test_absent_points_and_their_bones_are_left_out():
    pose = standing_pose()
    for finger in ("wrist", "pinky", "index", "thumb"):
        pose = with_points(pose, f"left_{finger}", presence=0.4)
    painted = changed(draw_poses(grey(), [pose]))
    assert painted[:, 280:302].any()  # the elbow
    assert not painted[:, 302:].any()


def test_somebody_wholly_absent_leaves_the_picture_untouched():
    pose = replace(standing_pose(), presence=np.zeros(33, np.float32))
    assert np.array_equal(draw_poses(grey(), [pose, pose]), grey())


def test_circles_grow_toward_the_camera():
    pose = standing_pose(center_xy=(600, 700), px_per_m=600)
    k = pose.skeleton.index("left_elbow")
    x, y = pose.points[k, :2].round().astype(int)
    heights = []
    for z in (-240, 0, 240):
        points = pose.points.copy()
        points[k, 2] = z
        picture = draw_poses(grey(1400, 1200), [replace(pose, points=points)])
        heights.append(changed(picture)[y - 50 : y + 50, x].sum())
    assert heights[0] > heights[1] + 3 > heights[2] + 6


def test_the_near_leg_covers_the_far_one():
    pose = standing_pose()
    points = pose.points.copy()
    for part in ("knee", "ankle", "heel", "foot_index"):
        left, right = (pose.skeleton.index(f"{side}_{part}") for side in ("left", "right"))
        points[left, 0] = points[right, 0] = 200
    left_side = np.array([side == "left" for side in pose.skeleton.sides])
    for nearer, colour in ((-60, LEFT), (60, RIGHT)):
        moved = points.copy()
        moved[left_side, 2] += nearer
        shin = draw_poses(grey(), [replace(pose, points=moved)])[345:390, 190:210]
        other = RIGHT if colour is LEFT else LEFT
        assert near_colour(shin, colour).sum() > 4 * near_colour(shin, other).sum()


@pytest.mark.parametrize("scale", [0.35, 1.0, 4.0])
def test_lines_keep_their_share_of_the_person(scale):
    side = round(400 * scale)
    pose = standing_pose(center_xy=(200 * scale, 240 * scale), px_per_m=200 * scale)
    share = changed(draw_poses(grey(side, side), [pose])).mean()
    assert 0.02 < share < 0.12


def test_lines_stay_as_thick_when_the_person_bends():
    pose = standing_pose()
    bent = pose.points.copy()
    bent[:, 2] = 0.9 * (pose.points[:, 1] - 240)  # leans away from the camera
    bent[:, 1] = 240 + np.sqrt(1 - 0.9**2) * (pose.points[:, 1] - 240)
    arm = [
        changed(draw_poses(grey(), [replace(pose, points=points)]))[:, 265].sum()
        for points in (pose.points, bent)
    ]
    assert abs(arm[0] - arm[1]) <= 1


def test_several_people_carry_ids_and_own_colours():
    people = [
        standing_pose(center_xy=(x, 240), px_per_m=150, person_id=i)
        for i, x in ((4, 150), (5, 450))
    ]
    picture = draw_poses(grey(400, 600), people)
    for pose, half in zip(people, (picture[:, :300], picture[:, 300:]), strict=True):
        assert near_colour(half, person_colour(pose.id)).sum() > 150
        assert near_colour(half[:115], person_colour(pose.id)).any()  # the label over the head
        assert near_colour(half, LEFT).any()
        assert near_colour(half, RIGHT).any()
    other = draw_poses(grey(400, 600), [people[0], replace(people[1], id=9)])
    assert not np.array_equal(picture, other)  # same colour, another number


def test_one_person_alone_needs_no_label():
    pose = standing_pose(person_id=1)
    assert np.array_equal(draw_poses(grey(), [pose]), draw_poses(grey(), [replace(pose, id=2)]))
    labelled = [draw_poses(grey(), [replace(pose, id=i)], ids=True) for i in (1, 5)]
    assert not np.array_equal(*labelled)  # which one is wanted where others come and go


@pytest.mark.parametrize("center_xy", [(5, 240), (395, 240), (200, 5), (200, 900)])
def test_labels_stay_inside_the_picture(center_xy):
    pose = standing_pose(center_xy=center_xy, person_id=1)
    other = standing_pose(person_id=0)
    assert near_colour(draw_poses(grey(), [pose, other]), person_colour(1)).sum() > 100


def test_speed_is_written_into_the_corner_only():
    slow, fast = (
        draw_poses(grey(720, 1280), [], fps=7.4),
        draw_poses(grey(720, 1280), [], fps=213.6),
    )
    assert not np.array_equal(slow, fast)
    assert not changed(fast)[90:].any()
    assert not changed(fast)[:, 260:].any()
    corner = fast[:90, :260]
    assert near_colour(corner, CENTRE).sum() > 200  # letters
    assert (corner.max(axis=2) < 40).sum() > 2 * near_colour(corner, CENTRE).sum()  # backdrop


def test_a_mask_tints_the_person_and_nothing_else():
    mask = np.zeros((400, 400), np.float32)
    mask[100:150, 60:90] = 0.9
    mask[300:310, 300:310] = 0.2
    pose = replace(standing_pose(), mask=mask, presence=np.zeros(33, np.float32))
    picture = draw_poses(grey(), [pose])
    assert np.array_equal(changed(picture), mask >= 0.5)
    assert np.abs(picture.astype(int) - GREY).max() < 60


def test_an_empty_mask_is_harmless():
    pose = replace(standing_pose(), mask=np.zeros((400, 400), np.float32))
    assert np.array_equal(draw_poses(grey(), [pose]), draw_poses(grey(), [standing_pose()]))


def test_a_mask_of_another_size_is_an_error():
    pose = replace(standing_pose(), mask=np.zeros((40, 40), np.float32))
    with pytest.raises(ValueError, match=r"size of the image \(400, 400\), got \(40, 40\)"):
        draw_poses(grey(), [pose])


@pytest.mark.parametrize(
    "image",
    [grey()[..., 0], np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3), np.float32)],
    ids=["grey", "RGBA", "float"],
)
def test_an_image_of_another_kind_is_an_error(image):
    with pytest.raises(ValueError, match=r"needs an \(H, W, 3\) uint8 RGB image"):
        draw_poses(image, [])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_points_that_are_no_numbers_are_left_out(value):
    lost = with_points(standing_pose(), "left_wrist", points=value)
    absent = with_points(standing_pose(), "left_wrist", presence=0.0)
    at = slice(290, 400)
    assert np.array_equal(
        changed(draw_poses(grey(), [lost]))[:, at], changed(draw_poses(grey(), [absent]))[:, at]
    )


def test_a_pose_without_any_number_draws_nothing():
    nothing = np.full(33, np.nan, np.float32)
    pose = replace(
        standing_pose(),
        points=np.full((33, 3), np.nan, np.float32),
        visibility=nothing,
        presence=nothing,
    )
    assert np.array_equal(draw_poses(grey(), [pose, pose]), grey())


def test_a_pose_of_unknown_depth_is_drawn_as_if_it_were_flat():
    pose = standing_pose()
    drawn = []
    for depth in (np.nan, 0.0):
        points = pose.points.copy()
        points[:, 2] = depth
        drawn.append(draw_poses(grey(), [replace(pose, points=points)]))
    assert np.array_equal(*drawn)


def test_points_without_bones_are_dots():
    dots = Skeleton("dots3", ("left_wrist", "right_wrist", "nose"), ())
    picture = draw_poses(grey(), [standing_pose().to(dots)], fps=30)
    assert near_colour(picture, LEFT).any()
    assert near_colour(picture, RIGHT).any()


@pytest.mark.parametrize("far", [-1e4, 1e4, -3e38, 3e38])
def test_points_far_outside_of_the_picture_are_harmless(far):
    pose = with_points(standing_pose(), "left_wrist", points=far)
    picture = draw_poses(grey(), [pose, replace(pose, id=1)], fps=30)
    assert near_colour(picture, RIGHT).any()


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (7, 5)])
def test_the_smallest_pictures_work(size):
    people = [standing_pose(center_xy=(0, 0), person_id=i) for i in (0, 1)]
    assert draw_poses(grey(*size), people, fps=30).shape == (*size, 3)


def test_somebody_without_extent_is_a_dot():
    pose = standing_pose(px_per_m=0.0)
    assert 0 < changed(draw_poses(grey(), [pose])).sum() < 60
