import pytest

from blazepose.errors import SourceError
from blazepose.pose import Pose, Roi
from blazepose.track.choice import OutsideFrameError, check_inside, checked, choose, region
from standing import standing_pose

SIZE_WH = (800, 400)


def people() -> list[Pose]:
    """A tall one at the left, a small one in the middle, one at the right."""
    return [
        standing_pose(center_xy=(150.0, 200.0), px_per_m=180.0, person_id=4),
        standing_pose(center_xy=(410.0, 200.0), px_per_m=60.0, person_id=5),
        standing_pose(center_xy=(650.0, 200.0), px_per_m=120.0, person_id=6),
    ]


@pytest.mark.parametrize(
    ("follow", "id"),
    [
        ("largest", 4),
        ("central", 5),
        (6, 6),
        ((410, 190), 5),  # between shoulders and hips
        ((650 - 80, 200 - 60), 6),  # an outstretched arm
        ((560, 100, 740, 340), 6),
        (Roi((150, 200), 300), 4),
    ],
)
def test_a_choice_means_one_of_several(follow, id) -> None:
    chosen = choose(checked(follow), people(), SIZE_WH)
    assert chosen is not None
    assert chosen.id == id


@pytest.mark.parametrize("follow", [(410, 30), 9, (500, 0, 560, 60), Roi((400, 20), 40)])
def test_a_place_without_anybody_means_nobody(follow) -> None:
    assert choose(checked(follow), people(), SIZE_WH) is None


@pytest.mark.parametrize("follow", ["largest", "central", 1, (3, 4), (0, 0, 8, 8)])
def test_of_nobody_nobody_is_meant(follow) -> None:
    assert choose(follow, [], SIZE_WH) is None


def test_of_two_on_a_point_the_nearer_one_is_meant() -> None:
    behind = standing_pose(center_xy=(400.0, 200.0), px_per_m=100.0, person_id=1)
    before = standing_pose(center_xy=(430.0, 200.0), px_per_m=100.0, person_id=2)
    for x, id in ((385, 1), (445, 2)):
        chosen = choose((x, 190.0), [behind, before], SIZE_WH)
        assert chosen is not None
        assert chosen.id == id


@pytest.mark.parametrize(
    ("follow", "message"),
    [
        ("tallest", "expected 'largest', 'central', .* got 'tallest'"),
        (-1, "from 0 on, got -1"),
        ((1, 2, 3), r"expected a point \(x, y\) or a box"),
        ((10, 20, 5, 40), "x0 < x1"),
        ((1.0, float("nan")), "finite"),
        (Roi((1, 1), 0), "have a size"),
    ],
)
def test_what_is_no_choice_is_refused(follow, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        checked(follow)


@pytest.mark.parametrize("follow", [(800.5, 10), (700, 300, 1200, 350), Roi((10, -4), 50)])
def test_a_place_outside_of_the_frame_is_told_with_its_size(follow) -> None:
    with pytest.raises(OutsideFrameError, match="800x400 px") as told:
        check_inside(follow, SIZE_WH)
    assert isinstance(told.value, SourceError | ValueError)


@pytest.mark.parametrize("follow", ["largest", 3, (800, 400), (700, 300, 900, 350)])
def test_a_place_in_the_frame_will_do(follow) -> None:
    check_inside(follow, SIZE_WH)


def test_a_box_gives_the_square_round_it_and_a_point_none() -> None:
    assert region((10.0, 20.0, 50.0, 100.0)) == Roi((30.0, 60.0), 100.0)
    assert region((10.0, 20.0)) is None
