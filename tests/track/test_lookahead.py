"""Frames looked at before their turn: same poses, and no look more than needed."""

import contextlib
import weakref
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
import people
import pytest
from people import picture

import blazepose as bp
from blazepose.pose import Frame, Pose
from blazepose.runtimes.fake import FakeRuntime
from blazepose.weights import store

VIDEOS = Path(__file__).parents[3] / "shared" / "data" / "videos"
WALK = [(x, 200) for x in range(120, 180, 2)]


@pytest.fixture
def looks(networks: dict) -> FakeRuntime:
    """A landmark network that computes two pictures at once."""
    network = networks["landmark network"]
    network.threads = 2
    return network


def test_a_walk_gives_the_poses_of_calls_for_as_many_looks(looks: FakeRuntime) -> None:
    expected = called(WALK)
    looks.seen.clear()
    found = tracked(WALK)
    assert len(looks.seen) == len(WALK)
    assert np.abs(places(found) - places(expected)).max() < 1
    assert [pose.id for pose in found] == [1] * len(WALK)


def test_frames_are_taken_and_looked_at_before_their_turn(looks: FakeRuntime) -> None:
    taken = []

    def frames() -> Iterator[np.ndarray]:
        for number, spot in enumerate(WALK):
            taken.append(number)
            yield picture(spot=spot)

    for number, _ in enumerate(bp.Tracker().track(frames())):
        assert len(taken) == min(number + 3, len(WALK))
        if number == 10:
            assert len(looks.seen) == 13


@pytest.mark.parametrize("count", [1, 2, 3])
def test_arrays_may_be_written_into_anew_while_others_wait(looks: FakeRuntime, count: int) -> None:
    def frames() -> Iterator[np.ndarray]:
        arrays = [picture() for _ in range(count)]
        for number, spot in enumerate(WALK):
            arrays[number % count][:] = picture(spot=spot)
            yield arrays[number % count]

    expected = called(WALK)
    found = list(bp.Tracker().track(frames()))
    for spot, (frame, _) in zip(WALK, found, strict=True):
        assert (frame.image == picture(spot=spot)).all()
    assert np.abs(places([poses[0] for _, poses in found]) - places(expected)).max() < 1


def test_arrays_with_memory_of_their_own_are_not_copied_for_long(looks: FakeRuntime) -> None:
    pictures = [picture(spot=spot) for spot in WALK]
    found = [frame.image for frame, _ in bp.Tracker().track(pictures)]
    assert all(image is given for image, given in zip(found[3:], pictures[3:], strict=True))


def test_a_cut_is_seen_in_its_own_frame(looks: FakeRuntime) -> None:
    spots = [*WALK, (300, 100), (302, 100), (304, 100)]
    expected, found = called(spots), tracked(spots)
    assert np.abs(places(found)[-3:] - np.add(spots[-3:], 0.5)).max() < 2
    assert [pose.id for pose in found] == [pose.id for pose in expected]


def test_whoever_cannot_be_guessed_is_not_looked_at_in_advance(looks: FakeRuntime) -> None:
    spots = [(200 + 14 * (number // 2 % 2), 200) for number in range(60)]
    expected = called(spots)
    calls = len(looks.seen)
    looks.seen.clear()
    assert np.abs(places(tracked(spots)) - places(expected)).max() < 2
    assert len(looks.seen) <= calls + 4


def test_a_frame_that_cannot_be_had_is_told_after_those_before(looks: FakeRuntime) -> None:
    def frames() -> Iterator[np.ndarray]:
        for spot in WALK[:5]:
            yield picture(spot=spot)
        raise bp.SourceError("the rest is damaged")

    found = bp.Tracker().track(frames())
    assert len([next(found) for _ in range(5)]) == 5
    with pytest.raises(bp.SourceError, match="the rest is damaged"):
        next(found)


@pytest.mark.parametrize(
    ("options", "live"),
    [({"released": True}, False), ({"released": True, "people": 2}, False), ({}, True)],
)
def test_others_take_frames_as_they_come(looks: FakeRuntime, options: dict, live: bool) -> None:
    taken = []

    def frames() -> Iterator[np.ndarray]:
        for spot in WALK[:5]:
            taken.append(spot)
            yield picture(spot=spot)

    for number, _ in enumerate(bp.Tracker(**options).track(frames(), live=live), 1):
        assert len(taken) == number


@pytest.mark.parametrize("options", [{"people": "all"}, {"people": 2}, {"follow": "largest"}])
def test_who_is_alone_in_a_crowd_is_looked_at_before_the_turn(
    networks: dict, options: dict
) -> None:
    networks["person finder"] = people.finder(radius=0.12)
    networks["landmark network"] = looks = people.landmarks(reach=0.06)
    looks.threads = 2
    walk = [(150 + 2 * number, 200) for number in range(30)]
    both = [(x, y) for x, y in walk] + [(x, y) for x, y in walk[::-1]]
    clip = [
        picture(800, 400, spots=[spot, (600, 200)][: 1 + (20 <= i < 40)])
        for i, spot in enumerate(both)
    ]
    tracker = bp.Tracker(**options)
    expected = [tracker(image) for image in clip]
    calls = len(looks.seen)
    looks.seen.clear()
    begun, begin = [], looks.begin
    looks.begin = lambda image: begun.append(1) or begin(image)  # type: ignore[method-assign]
    found = [poses for _, poses in bp.Tracker(**options).track(clip)]
    assert [[p.id for p in poses] for poses in found] == [[p.id for p in e] for e in expected]
    for one, other in zip(chain(*found), chain(*expected), strict=True):
        assert np.abs(one.points - other.points).max() < 1.5
    assert len(begun) > 20
    assert len(looks.seen) <= calls + 6  # what was begun when another one came


def test_time_that_jumps_back_starts_filters_anew(looks: FakeRuntime) -> None:
    times = [*np.arange(10) / 30, *np.arange(5) / 30]
    frames = [Frame(picture(spot=WALK[i % 10]), time) for i, time in enumerate(times)]
    tracker = bp.Tracker()
    expected = [tracker(frame)[0] for frame in frames]
    found = [poses[0] for _, poses in bp.Tracker().track(frames)]
    assert np.abs(places(found) - places(expected)).max() < 1


@pytest.mark.weights
def test_a_clip_gives_nearly_the_poses_of_calls() -> None:
    tracker = bp.Tracker("lite")
    with bp.frames(store.path("demo")) as clip:
        images = list(islice(clip, 60))
    expected = [tracker(image) for image in images]
    tracker.reset(ids=True)
    found = [poses for _, poses in tracker.track(images)]
    assert [len(poses) for poses in found] == [len(poses) for poses in expected]
    pairs = [(a[0], b[0]) for a, b in zip(found, expected, strict=True) if a]
    trunk = [np.linalg.norm(b.points[11, :2] - b.points[23, :2]) for _, b in pairs]
    off = [np.linalg.norm(a.points[:, :2] - b.points[:, :2], axis=1).mean() for a, b in pairs]
    assert np.median(np.divide(off, trunk)) < 0.05


@pytest.mark.weights
@pytest.mark.shared
def test_one_of_several_who_might_come_has_the_poses_of_calls_in_every_frame() -> None:
    if not (clip := VIDEOS / "pose_squats.mp4").is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    with bp.frames(clip) as source:
        images = list(islice(source, 20))
    calls, ahead = (bp.Tracker("full", people=4, smooth=False) for _ in range(2))
    for (_, found), image in zip(ahead.track(images), images, strict=True):
        (one,), (other,) = found, calls(image)
        off = np.linalg.norm(one.points[:, :2] - other.points[:, :2], axis=1).mean()
        assert off < 0.02 * other.roi.size


@pytest.mark.usefixtures("no_collector", "networks")
def test_a_tracker_is_let_go_when_its_frames_break() -> None:
    def frames() -> Iterator[np.ndarray]:
        yield from (picture(spot=spot) for spot in WALK[:5])
        raise bp.SourceError("the rest is damaged")

    tracker = bp.Tracker()
    alive = weakref.ref(tracker)
    with contextlib.suppress(bp.SourceError):
        list(tracker.track(frames()))
    del tracker
    assert alive() is None


def called(spots: list[tuple[int, int]]) -> list[Pose]:
    tracker = bp.Tracker()
    return [tracker(picture(spot=spot))[0] for spot in spots]


def tracked(spots: list[tuple[int, int]]) -> list[Pose]:
    return [poses[0] for _, poses in bp.Tracker().track(picture(spot=spot) for spot in spots)]


def places(poses: list[Pose], point: int = 0) -> np.ndarray:
    return np.array([pose.points[point, :2] for pose in poses])
