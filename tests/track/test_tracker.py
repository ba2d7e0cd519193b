import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import people
import pytest
from people import picture

import blazepose as bp
from blazepose.pose import Frame, Roi
from blazepose.runtimes.fake import FakeRuntime
from blazepose.track import Estimator
from blazepose.track.people import People


def test_the_detector_runs_only_until_somebody_is_followed(networks: dict) -> None:
    tracker = bp.Tracker()
    for x in (200, 205, 210):
        (pose,) = tracker(picture(spot=(x, 200)))
        assert pose.id == 1
    assert len(networks["person detector"].seen) == 1
    assert len(networks["landmark network"].seen) == 3


def test_an_empty_frame_is_an_empty_list_and_the_detector_looks_again(networks: dict) -> None:
    tracker = bp.Tracker()
    assert tracker(picture()) == []
    assert tracker(picture()) == []
    assert len(networks["person detector"].seen) == 2
    assert len(networks["landmark network"].seen) == 0


def test_somebody_who_jumped_is_found_again_in_the_same_frame_under_a_new_id(
    networks: dict,
) -> None:
    tracker = bp.Tracker(smooth=False)
    tracker(picture(600, 400, spot=(100, 200)))
    (pose,) = tracker(picture(600, 400, spot=(560, 200)))
    assert pose.points[0, :2] == pytest.approx([560.5, 200.5], abs=2)
    assert pose.id == 2


def test_a_detection_that_nobody_confirms_gives_way_to_the_next(networks: dict) -> None:
    ghost_first = people.detector(ghost=(0.9, 0.9))
    networks["person detector"] = ghost_first
    (pose,) = bp.Tracker()(picture(spot=(100, 150)))
    assert pose.points[0, :2] == pytest.approx([100.5, 150.5], abs=2)
    assert pose.id == 1


def test_a_new_clip_starts_with_the_detector_and_with_unfiltered_points(networks: dict) -> None:
    tracker = bp.Tracker()
    tracker(picture(spot=(200, 200)))
    tracker.reset()
    (pose,) = tracker(picture(spot=(203, 200)))
    assert len(networks["person detector"].seen) == 2
    assert pose.points[0, 0] == pytest.approx(203.5, abs=0.7)
    assert pose.id == 2


def test_ids_go_on_in_a_new_clip_unless_they_are_to_begin_anew(networks: dict) -> None:
    tracker = bp.Tracker()
    ids = [tracker(picture(spot=(200, 200)))[0].id]
    for anew in (False, True):
        tracker.reset(ids=anew)
        ids += [tracker(picture(spot=(200, 200)))[0].id]
    assert ids == [1, 2, 1]


def test_smoothing_holds_points_back_and_can_be_switched_off(networks: dict) -> None:
    moved = {}
    for smooth in (True, False):
        tracker = bp.Tracker(smooth=smooth)
        tracker(picture(spot=(200, 200)))
        (pose,) = tracker(picture(spot=(203, 200)))
        moved[smooth] = pose.points[0, 0]
    assert moved[False] == pytest.approx(203.5, abs=0.7)
    assert 200.5 < moved[True] < moved[False] - 0.5


@pytest.mark.parametrize("most", [1, "all"])
def test_who_leaves_the_frame_is_not_visible_any_more(networks: dict, most: People) -> None:
    networks["person finder"] = people.finder()
    networks["landmark network"] = people.landmarks(reach=0.3)
    tracker = bp.Tracker(people=most)
    for _ in range(5):
        (pose,) = tracker(picture(spot=(200, 200)))
    assert pose.visibility.min() > 0.9
    (pose,) = tracker(picture(spot=(200, 200))[:230])
    assert (pose.visibility <= pose.presence).all()
    assert pose.presence.min() == 0


def test_a_region_from_the_caller_is_used_instead_of_the_detector(networks: dict) -> None:
    tracker = bp.Tracker()
    (pose,) = tracker(picture(spot=(200, 200)), roi=Roi((210.0, 210.0), 150.0))
    assert len(networks["person detector"].seen) == 0
    assert pose.roi == Roi((210.0, 210.0), 150.0)


def test_time_that_jumps_back_starts_the_filters_anew(networks: dict) -> None:
    tracker = bp.Tracker()
    for i in range(5):
        tracker(Frame(picture(spot=(200, 200)), 100 + i / 30))
    (pose,) = tracker(Frame(picture(spot=(203, 200)), 0.0))
    assert pose.points[0, 0] == pytest.approx(203.5, abs=0.7)
    (pose,) = tracker(Frame(picture(spot=(206, 200)), 1 / 30))
    assert pose.points[0, 0] < 206


@pytest.mark.parametrize(
    ("image", "error"),
    [
        (np.zeros((4, 4), np.uint8), ValueError),
        (np.zeros((4, 4, 4), np.uint8), ValueError),
        (np.full((4, 4, 3), np.nan), (TypeError, ValueError)),
        (np.zeros((4, 4, 3), np.float32), TypeError),
    ],
)
def test_what_is_no_rgb_picture_is_refused(networks: dict, image: object, error: type) -> None:
    frame = Frame(picture(spot=(200, 200)), 0.0)
    object.__setattr__(frame, "image", image)  # which types would forbid in these tests
    for given in (image, frame):
        with pytest.raises(error, match="expected"):
            bp.Tracker()(given)


@pytest.mark.parametrize("people", [0, -1])
def test_a_number_of_people_that_is_none_is_refused(networks: dict, people: object) -> None:
    with pytest.raises(ValueError, match="from 1 on, or 'all'"):
        bp.Tracker(people=people)


@pytest.mark.parametrize(
    ("roi", "error"),
    [
        (Roi((200, 200), 0), ValueError),
        (Roi((200, 200), float("nan")), ValueError),
        (Roi((float("inf"), 200), 90), ValueError),
        ((1, 2, 3, 4), TypeError),
    ],
)
@pytest.mark.parametrize("options", [{}, {"people": "all"}, {"follow": "largest"}])
def test_a_region_that_is_none_is_refused_and_changes_nothing(
    networks: dict, options: dict, roi: object, error: type
) -> None:
    tracker = bp.Tracker(**options)
    with pytest.raises(error, match=r"region|Roi"):
        tracker(picture(spot=(200, 200)), roi=roi)
    with pytest.raises(error, match=r"region|Roi"):
        tracker.add(roi)
    tracker(picture(spot=(200, 200)))


@pytest.mark.parametrize("time_s", [float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused_and_the_next_one_counts(
    networks: dict, time_s: float
) -> None:
    tracker = bp.Tracker()
    image = picture(spot=(200, 200))
    tracker(Frame(image, 1.0))
    with pytest.raises(ValueError, match="expected a frame's time in seconds, got"):
        tracker(Frame(image, time_s))
    (pose,) = tracker(image)
    assert np.isfinite(pose.points).all()


def test_a_tracker_that_is_in_another_thread_says_so(networks: dict) -> None:
    whole, image = people.landmarks(), picture(spot=(200, 200))

    def answer(crop: np.ndarray) -> dict[str, np.ndarray]:
        with ThreadPoolExecutor(1) as other:
            told.append(other.submit(tracker, image).exception())
        return {name: values[0] for name, values in whole(crop[None]).items()}

    told: list[BaseException | None] = []
    networks["landmark network"] = FakeRuntime(answer)
    tracker = bp.Tracker()
    assert tracker(image)
    assert {type(error) for error in told} == {RuntimeError}
    assert "make one for each" in str(told[0])


@pytest.mark.parametrize("make", [bp.Tracker, Estimator])
def test_what_has_networks_says_that_it_stays_in_its_process(networks: dict, make: type) -> None:
    with pytest.raises(TypeError, match=f"a {make.__name__} cannot be .* sent to another process"):
        pickle.dumps(make())


def test_pictures_are_numbered(networks: dict) -> None:
    shown = (picture(spot=(200, 200)) for _ in range(4))
    assert [frame.index for frame, _ in bp.Tracker().track(shown)] == [0, 1, 2, 3]
