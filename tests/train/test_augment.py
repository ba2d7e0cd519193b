import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from unvaried import NO_AUGMENT

from blazepose.pose import Roi
from blazepose.runtimes.fake import FakeRuntime
from blazepose.skeleton import BLAZEPOSE33, LSP14
from blazepose.track.landmarker import Landmarker
from blazepose.train.augment import Crop, augmented, cut_out, flipped
from blazepose.train.examples import Example, examples
from blazepose.train.recipe import Augment

LEFT, RIGHT = LSP14.index("left_wrist"), LSP14.index("right_wrist")
LOWER = np.array([any(p in name for p in ("hip", "knee", "ankle")) for name in LSP14.names])
NOISE = np.random.default_rng(0).integers(0, 256, (180, 200, 3), np.uint8)
# Every crop of such a region has the scale of the image.
SIZE = 256.0


@pytest.fixture
def example(people) -> Example:
    return examples(people(), LSP14)[0]


def spot(shape: tuple[int, int], roi: Roi, at: tuple[float, float]) -> tuple[Example, np.ndarray]:
    """A black image with one white pixel, in the middle of which the left wrist is."""
    image = np.zeros((*shape, 3), np.uint8)
    column, row = int(at[0]), int(at[1])
    image[row, column] = 255
    points, trust = np.eye(14, 3, dtype=np.float32), np.zeros((14, 2), np.float32)
    points[LEFT, :2], trust[LEFT, 0] = (column + 0.5, row + 0.5), 1
    nothing = np.zeros(14, np.float32)
    return Example(Path(), roi, points, trust, nothing, nothing, points, nothing), image


def centroid(image: np.ndarray) -> np.ndarray:
    light = image[..., 0].astype(np.float64)
    places = np.arange(len(light)) + 0.5
    return np.array([light.sum(0) @ places, light.sum(1) @ places]) / light.sum()


@pytest.mark.parametrize("flip", [0, 1])
@pytest.mark.parametrize("shape", [(300, 300), (200, 420), (420, 200)])
def test_a_white_pixel_stays_under_its_keypoint(shape: tuple[int, int], flip: int) -> None:
    options = replace(NO_AUGMENT, shift=0.1, scale=0.1, rotate_deg=180, flip=flip)
    middle = np.array([shape[1] / 2, shape[0] / 2])
    roi = Roi((float(middle[0]), float(middle[1])), SIZE, 0.4)
    for seed in range(25):
        rng = np.random.default_rng(seed)
        at = tuple(middle + rng.uniform(-60, 60, 2))
        example, image = spot(shape, roi, at)
        cut = augmented(example, image, LSP14, options, rng)
        # MediaPipe's crops lie half a crop pixel less half an image pixel off, in a mirror too.
        half = np.array([0.5, 0.5]) - _linear(cut, flip) @ [-0.5 if flip else 0.5, 0.5]
        expected = cut.points[RIGHT if flip else LEFT, :2] + half
        assert np.abs(centroid(cut.image) - expected).max() < 0.2
        assert cut.trust[RIGHT if flip else LEFT, 0] == 1
        assert cut.trust[LEFT if flip else RIGHT, 0] == 0


def _linear(cut: Crop, flip: int) -> np.ndarray:
    """From px of the image to px of the crop, but for the shift."""
    x, y, origin = cut.points[[5, 4, 3] if flip else [0, 1, 2], :2]
    return np.stack([x - origin, y - origin], axis=1)


def test_flipped_twice_is_the_same(example: Example) -> None:
    cut = cut_out(example, NOISE, example.roi)
    again = flipped(flipped(cut, LSP14), LSP14)
    for field in fields(Crop):
        assert np.asarray(getattr(again, field.name)) == pytest.approx(
            np.asarray(getattr(cut, field.name)), abs=1e-4
        ), field.name


def test_a_flipped_crop_is_the_crop_of_the_flipped_image(example: Example) -> None:
    example = replace(example, roi=replace(example.roi, size=SIZE))
    mirror = np.array([-1, 1, 1], np.float32)
    turned = replace(
        example,
        roi=Roi((200 - example.roi.center_xy[0], example.roi.center_xy[1]), SIZE),
        points=example.points[LSP14.mirror] * mirror + np.array([200, 0, 0], np.float32),
        world=example.world[LSP14.mirror] * mirror,
    )
    expected = cut_out(turned, np.ascontiguousarray(NOISE[:, ::-1]), turned.roi)
    cut = flipped(cut_out(example, NOISE, example.roi), LSP14)
    assert np.abs(cut.image.astype(int) - expected.image).mean() < 1
    assert cut.points == pytest.approx(expected.points, abs=1e-3)
    assert cut.world == pytest.approx(expected.world, abs=1e-5)


def test_a_network_that_says_the_targets_gives_the_person_back(people, lessons) -> None:
    (example,) = examples(people(), BLAZEPOSE33, lessons=lessons())
    roi = Roi((90.0, 100.0), 250.0, 2.1)
    cut = cut_out(example, NOISE, roi)
    rows = np.concatenate([cut.points, np.full((39, 2), 8, np.float32)], axis=1)
    world = np.concatenate([cut.world, np.zeros((0, 3), np.float32)])
    answer = {"landmarks": rows.reshape(-1), "world": world.reshape(-1), "presence": np.ones(1)}
    seen = Landmarker(FakeRuntime(lambda image: answer))(NOISE, roi)
    assert seen.pose.points == pytest.approx(example.points[:33], abs=1e-3)
    assert seen.pose.world == pytest.approx(example.world[:33], abs=1e-5)
    assert seen.auxiliary == pytest.approx(example.points[33:35, :2], abs=1e-3)


def test_depth_has_the_scale_of_the_crop(people, lessons) -> None:
    (example,) = examples(people(), BLAZEPOSE33, lessons=lessons())
    cut = cut_out(example, NOISE, Roi((100.0, 90.0), 512.0, 1.0))
    assert cut.points[:, 2] == pytest.approx(example.points[:, 2] / 2, abs=1e-4)


def test_what_is_outside_of_image_or_crop_is_neither_in_the_frame_nor_visible(
    example: Example,
) -> None:
    points = example.points.copy()
    points[0, :2], points[1, :2] = (-1, 50), (100, 20)  # outside the image; far from the feet
    example = replace(example, points=points)
    cut = cut_out(example, NOISE, Roi((100.0, 130.0), 100.0))
    for row in (0, 1):
        assert (cut.in_frame[row], cut.visible[row], cut.visible_trust[row]) == (0, 0, 1)
    inside = LSP14.index("left_knee")
    assert (cut.in_frame[inside], cut.visible[inside]) == (1, 1)


def test_the_same_chance_makes_the_same_crop(example: Example) -> None:
    options = Augment(wide=0.2, half_body=0.2, background=0.1, dark=0.5, blur=0.5, noise=0.5)

    def cut(seed: int) -> Crop:
        return augmented(example, NOISE, LSP14, options, np.random.default_rng(seed))

    for seed in range(10):
        one, same = cut(seed), cut(seed)
        assert all(
            np.array_equal(getattr(one, f.name), getattr(same, f.name)) for f in fields(Crop)
        )
        assert not np.array_equal(one.image, cut(seed + 100).image)


def test_without_any_variation_the_crop_is_the_persons_own(example: Example) -> None:
    expected = cut_out(example, NOISE, example.roi)
    for seed in range(3):
        cut = augmented(example, NOISE, LSP14, NO_AUGMENT, np.random.default_rng(seed))
        for field in fields(Crop):
            assert np.array_equal(getattr(cut, field.name), getattr(expected, field.name))


def test_a_background_holds_no_known_point_and_teaches_absence_alone(example: Example) -> None:
    image = np.zeros((400, 500, 3), np.uint8)
    columns, rows = example.points[:, :2].astype(int).T
    image[rows, columns] = 255
    for seed in range(60):
        cut = _background(example, image, seed)
        assert cut.presence == 0
        assert cut.image.max() == 0
        for taught in (cut.trust, cut.visible_trust, cut.world_trust, cut.in_frame):
            assert not taught.any()


def test_where_no_background_is_the_person_is_shown(example: Example) -> None:
    image = np.zeros((180, 200, 3), np.uint8)
    points = np.random.default_rng(0).uniform(0, 200, (14, 3)).astype(np.float32)
    crowded = replace(example, points=points, roi=Roi((100.0, 90.0), 2000.0))
    unknown = replace(example, trust=np.zeros((14, 2), np.float32))
    for hopeless in (crowded, unknown):
        assert _background(hopeless, image, 0).presence == 1


def _background(example: Example, image: np.ndarray, seed: int) -> Crop:
    options = replace(NO_AUGMENT, background=1)
    return augmented(example, image, LSP14, options, np.random.default_rng(seed))


def test_half_a_body_is_whole_and_larger(example: Example) -> None:
    options = replace(NO_AUGMENT, half_body=1)
    whole = cut_out(example, NOISE, example.roi)
    wholes = []
    for seed in range(20):
        cut = augmented(example, NOISE, LSP14, options, np.random.default_rng(seed))
        halves = [cut.in_frame[LOWER].all(), cut.in_frame[~LOWER].all()]
        assert any(halves)
        assert _length(cut) > 1.1 * _length(whole)
        wholes.append(tuple(halves))
    assert len(set(wholes)) > 1  # of the upper and of the lower half


def _length(cut: Crop) -> float:
    """Of a thigh, in px of the crop."""
    ends = [LSP14.index(name) for name in ("left_hip", "left_knee")]
    return float(np.linalg.norm(np.subtract(*cut.points[ends, :2])))


def test_a_half_with_few_known_points_is_not_chosen(example: Example) -> None:
    trust = np.zeros((14, 2), np.float32)
    trust[:3] = 1
    few = replace(example, trust=trust)
    options = replace(NO_AUGMENT, half_body=1)
    cut = augmented(few, NOISE, LSP14, options, np.random.default_rng(0))
    assert np.array_equal(cut.image, cut_out(few, NOISE, few.roi).image)


def test_far_off_regions_turn_shift_and_scale(example: Example) -> None:
    options = replace(NO_AUGMENT, wide=1)
    own = _length(cut_out(example, NOISE, example.roi))
    cuts = [augmented(example, NOISE, LSP14, options, _rng(seed)) for seed in range(40)]
    times = np.array([_length(cut) for cut in cuts]) / own
    assert 0.5 <= times.min() < 0.7
    assert 1.4 < times.max() <= 2.0
    turns = [math.atan2(*np.subtract(cut.points[13], cut.points[12])[:2]) for cut in cuts]
    assert max(turns) - min(turns) > 4


def test_points_behind_a_rectangle_are_hidden(example: Example) -> None:
    trust = example.trust.copy()
    trust[LEFT] = 0
    example = replace(example, trust=trust, visible_trust=trust[:, 0])
    own, hidden = cut_out(example, NOISE, example.roi), 0
    for seed in range(30):
        cut = augmented(example, NOISE, LSP14, replace(NO_AUGMENT, occlude=1), _rng(seed))
        rows, columns = cut.points[:, [1, 0]].astype(int).T
        behind = (cut.image[rows, columns] != own.image[rows, columns]).any(axis=-1)
        behind[LEFT] = False  # nobody knows where it is
        assert np.array_equal(cut.visible == 0, behind | (own.visible == 0))
        assert np.array_equal(cut.visible_trust, own.visible_trust)
        assert np.array_equal(cut.points, own.points)
        hidden += int(behind.sum())
    assert hidden


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)
