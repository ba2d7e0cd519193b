"""A clip by parts at once is what one pass gives. In processes a stand-in for the tracker sees."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

import blazepose as bp
from blazepose.errors import SourceError
from blazepose.pose import Frame, Pose, Roi
from blazepose.posefile import PoseFrame
from blazepose.skeleton import BLAZEPOSE33
from blazepose.track.file import FileTracker, track_file
from blazepose.track.segments import Joined, Segment
from blazepose.video import MediaInfo
from blazepose.video.parts import Part
from standing import standing_pose

VIDEOS = Path(__file__).parents[3] / "shared" / "data" / "videos"
FPS, SECONDS = 10, 12
INFO = MediaInfo("video", 640, 480)


class Brightness:
    """Sees a person where the picture is bright, half as far to the right in px as it is bright.

    Ids go up with every person lost, as those of a tracker.
    """

    skeleton = BLAZEPOSE33

    def __init__(self) -> None:
        self.id, self.seen = 0, False

    def reset(self, *, ids: bool = False) -> None:
        self.seen = False
        if ids:
            self.id = 0

    def __call__(self, frame: Frame, *, roi: Roi | None = None) -> list[Pose]:
        light, before = float(frame.image.mean()), self.seen
        self.seen = light > 60
        self.id += self.seen and not before
        return [standing_pose(center_xy=(light / 2, 90), person_id=self.id)] if self.seen else []


def write_clip(path: Path, light: Callable[[int], int], *, keyframes: int = 5) -> Path:
    with av.open(str(path), "w") as file:
        video = file.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.gop_size = keyframes
        for index in range(FPS * SECONDS):
            picture = np.full((48, 64, 3), light(index), np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            file.mux(video.encode(frame))
        file.mux(video.encode(None))
    return path


def one_pass(clip: Path) -> list[tuple[float, list[Pose]]]:
    tracker = Brightness()
    return [(frame.time_s, tracker(frame)) for frame in bp.frames(clip)]


def test_parts_at_once_give_what_one_pass_gives(tmp_path: Path) -> None:
    # Somebody comes, leaves after 3 s, and somebody else is there from second 4 to the end.
    clip = write_clip(tmp_path / "a.mp4", lambda i: 20 if 30 <= i < 40 else 100 + i)
    with FileTracker(Brightness, jobs=2) as tracker:
        for _ in range(2):  # the processes are kept from clip to clip
            found = list(tracker(clip))
            assert tracker.problem is None
            assert [frame.index for frame in found] == list(range(FPS * SECONDS))
            for frame, (time_s, poses) in zip(found, one_pass(clip), strict=True):
                assert frame.time_s == time_s
                assert [pose.id for pose in frame.people] == [pose.id for pose in poses]
                for one, other in zip(frame.people, poses, strict=True):
                    np.testing.assert_array_equal(one.points, other.points)
    assert (tracker.info.width, tracker.skeleton) == (64, BLAZEPOSE33)


def test_a_clip_without_key_frames_is_tracked_in_one_go_with_a_word(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", lambda i: 100, keyframes=600)
    with FileTracker(Brightness, jobs=2) as tracker:
        assert len(list(tracker(clip))) == FPS * SECONDS
    assert "tracked in one go: it has no key frames to enter it by" in tracker.problem


def test_a_watcher_ends_it_and_what_there_is_comes_without_a_gap(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mp4", lambda i: 100 + i)
    with FileTracker(Brightness, jobs=2) as tracker:
        found = list(tracker(clip, watch=lambda frames: frames > 0))
        assert tracker.stopped
        assert [frame.index for frame in found] == list(range(len(found)))
        assert len(found) < FPS * SECONDS
        broken_off = tracker(clip)
        next(broken_off)
        broken_off.close()
        assert len(list(tracker(clip))) == FPS * SECONDS  # the next clip is tracked all the same
        assert not tracker.stopped


def test_what_is_no_video_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_text("no video\n" * 99)
    with pytest.raises(SourceError, match=r"a\.mp4"):
        list(track_file(tmp_path / "a.mp4", jobs=1))
    with pytest.raises(ValueError, match="jobs must be"):
        next(track_file(tmp_path / "a.mp4", jobs=0))


# Joined by hand: people by their place, a frame a second.


def person(id: int, x: float) -> Pose:
    return standing_pose(center_xy=(x, 240.0), person_id=id)


def segment(*moments: tuple[float, list[Pose]], border: tuple[float, list[Pose]] | None = None):
    return Segment(list(moments), border, BLAZEPOSE33, None)


def ids(frames: list[PoseFrame]) -> list[list[int]]:
    return [[pose.id for pose in frame.people] for frame in frames]


def test_people_keep_their_ids_over_the_border_and_newcomers_get_new_ones() -> None:
    joined = Joined(INFO)
    first = segment((0.0, [person(7, 100)]), (1.0, [person(7, 100), person(8, 500)]))
    assert ids(list(joined.add(first))) == [[7], [7, 8]]
    later = segment(
        (2.0, [person(3, 510), person(4, 110)]),
        (3.0, [person(5, 300)]),
        border=(1.0, [person(3, 505), person(4, 105)]),
    )
    assert joined.gap(later) is None
    frames = list(joined.add(later))
    assert ids(frames) == [[8, 7], [9]]
    assert [frame.index for frame in frames] == [2, 3]


def test_whom_the_run_in_did_not_find_is_looked_for_where_they_were() -> None:
    joined = Joined(INFO)
    moving = [replace(person(1, x), roi=Roi((x, 9.0), 50.0)) for x in (100.0, 110.0, 120.0)]
    list(joined.add(segment(*((float(i), [pose]) for i, pose in enumerate(moving)))))
    part = Part(lead_s=1.0, start_s=3.0)
    somebody_else = segment((3.0, []), border=(2.0, [person(1, 500)]))
    assert joined.missed(part, somebody_else) == (1.0, Roi((110.0, 9.0), 50.0))
    the_same = segment((3.0, []), border=(2.0, [person(1, 122)]))
    assert joined.missed(part, the_same) is None
    ended_early = Part(lead_s=5.0, start_s=7.0)
    assert joined.missed(ended_early, segment((7.0, []), border=(6.0, []))) is None


def test_frames_that_are_missing_between_parts_are_told() -> None:
    joined = Joined(INFO)
    list(joined.add(segment((0.0, []), (1.0, []))))
    assert "around 3.00 s" in joined.gap(segment((3.0, []), border=(2.0, [])))


@pytest.mark.slow
@pytest.mark.weights
@pytest.mark.shared
def test_with_networks_a_clip_by_parts_is_nearly_that_of_one_pass() -> None:
    clip = VIDEOS / "walk_across.mp4"  # two people, of whom a tracker that begins anew takes any
    if not clip.is_file():
        pytest.skip("no shared/data/videos beside the checkout")
    tracker = bp.Tracker("full", threads=1)
    one = [tracker(frame) for frame in bp.frames(clip)]
    parted = [frame.people for frame in track_file(clip, jobs=2)]
    pairs = list(zip(one, parted, strict=True))
    same = [[p.id for p in poses] == [p.id for p in others] for poses, others in pairs]
    assert np.mean(same) > 0.95  # rounding decides in which frame somebody is lost
    off = [
        np.linalg.norm(a.points[:, :2] - b.points[:, :2], axis=1).mean() / a.roi.size
        for (poses, others), is_same in zip(pairs, same, strict=True)
        if is_same
        for a, b in zip(poses, others, strict=True)
    ]
    assert np.median(off) < 0.01
