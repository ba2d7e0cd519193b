from dataclasses import replace

import numpy as np
import pytest

from blazepose.survey import Finding
from blazepose.survey.gallery import people_tiles, suspicious_tiles
from blazepose.video import write_image


@pytest.fixture
def people(person, tmp_path):
    write_image(tmp_path / "a.png", np.zeros((480, 400, 3), np.uint8))
    return [replace(person, image=tmp_path / "a.png") for _ in range(30)]


def limb(index: int) -> Finding:
    return Finding(index, "limb", "left_knee: too long", "label dropped", joint="left_knee")


def test_people_are_some_in_order_and_the_same_each_time(people):
    captions = [tile.caption for tile in people_tiles(people, count=5, first=1001)]
    numbers = [int(caption[0].split()[0]) for caption in captions]
    assert numbers == sorted(set(numbers))
    assert len(numbers) == 5
    assert numbers[0] > 1000
    assert captions == [tile.caption for tile in people_tiles(people, count=5, first=1001)]


def test_all_are_shown_where_there_are_few(people):
    assert len(people_tiles(people[:3], count=5)) == 3


def test_a_suspicious_person_is_shown_once_with_reason_and_number_of_findings(people):
    (tile,) = suspicious_tiles(people, [limb(3), limb(3)], count=5)
    assert tile.caption == ("4  a.png  (2 findings)", "left_knee: too long")
    (plain,) = people_tiles(people[:1], count=1)
    assert (tile.picture != plain.picture).any()


def test_rare_kinds_are_shown_beside_frequent_ones(people):
    swap = Finding(29, "swap", "left and right exchanged", "sides swapped")
    tiles = suspicious_tiles(people, [*map(limb, range(25)), swap], count=6)
    reasons = [tile.caption[1] for tile in tiles]
    assert len(tiles) == 6
    assert reasons.count("left and right exchanged") == 1


def test_a_person_whose_image_does_not_open_has_a_caption_alone(people, tmp_path):
    gone = replace(people[0], image=tmp_path / "gone.png")
    (tile,) = people_tiles([gone], count=1)
    assert tile.picture is None
    assert tile.caption == ("1  gone.png",)
