from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelled import off, person, photos, write_predictions

from blazepose.datasets import read_lsp
from blazepose.errors import ModelError, SourceError
from blazepose.evaluate import Aligned, FromFile, Search, open_finder
from blazepose.evaluate.finders import region_of
from blazepose.roi import from_box, from_keypoints, from_points
from blazepose.skeleton import Skeleton

SHARED_LSP = Path(__file__).parents[3] / "shared" / "data" / "lsp"


def test_a_search_sees_the_image_and_pairs_what_it_finds(tmp_path: Path):
    (sample,) = photos(tmp_path, 1)
    seen = []

    def look(image: np.ndarray) -> list:
        seen.append(image.shape)
        return [off(300), off(0)]

    answer = Search(look)(sample.image, [sample])
    assert seen == [(480, 400, 3)]
    assert answer.of_people == [answer.poses[1]]
    assert answer.seconds is not None


def test_predictions_go_by_the_name_of_their_image(tmp_path: Path):
    samples = photos(tmp_path, 3)
    poses = [off(1), None, off(3)]
    write_predictions(tmp_path / "p.jsonl", samples[::-1], poses[::-1])
    finder = FromFile(tmp_path / "p.jsonl", [s.image for s in samples])
    found = [finder(s.image, [s]).of_people[0] for s in samples]
    assert [pose and round(float(pose.points[0, 0])) for pose in found] == [201, None, 203]
    assert finder(samples[0].image, [samples[0]]).seconds is None


def test_an_image_without_a_line_has_nobody(tmp_path: Path):
    samples = photos(tmp_path, 2)
    write_predictions(tmp_path / "p.jsonl", samples[:1], [off(0)])
    finder = FromFile(tmp_path / "p.jsonl", [s.image for s in samples])
    assert finder(samples[1].image, [samples[1]]).of_people == [None]


def without_names(path: Path) -> None:
    text = path.read_text().replace('"file"', '"was"')
    path.write_text(text.replace('"width":null,"height":null', '"width":400,"height":480'))


def test_lines_without_names_are_in_the_order_of_the_images(tmp_path: Path):
    samples = photos(tmp_path, 2)
    write_predictions(tmp_path / "p.jsonl", samples, [None, off(0)])
    without_names(tmp_path / "p.jsonl")
    finder = FromFile(tmp_path / "p.jsonl", [s.image for s in samples])
    assert [finder(s.image, [s]).of_people[0] is None for s in samples] == [True, False]


def test_another_number_of_lines_without_names_is_an_error(tmp_path: Path):
    samples = photos(tmp_path, 3)
    write_predictions(tmp_path / "p.jsonl", samples[:2], [None, off(0)])
    without_names(tmp_path / "p.jsonl")
    with pytest.raises(SourceError, match=r"a line per image, 3 in all.*got 2 lines"):
        FromFile(tmp_path / "p.jsonl", [s.image for s in samples])


def test_lines_for_other_images_are_an_error(tmp_path: Path):
    write_predictions(tmp_path / "p.jsonl", photos(tmp_path, 1), [off(0)])
    with pytest.raises(SourceError, match=r"for images like im7\.jpg, got lines for a\.png"):
        FromFile(tmp_path / "p.jsonl", [Path("im7.jpg")])


def test_the_region_is_alignments_where_labels_allow_it():
    sample = person(Path("a.png"))
    assert region_of(sample) == from_keypoints(sample.points, sample.labelled, sample.skeleton)


def test_the_region_is_else_that_of_the_box():
    sample = person(Path("a.png"))
    sample.visible[[2, 3]] = 0  # hips
    box = np.float32([100, 50, 300, 450])
    assert region_of(replace(sample, box_xyxy=box)) == from_box(box)
    assert region_of(sample) == from_points(sample.points[sample.labelled])
    dog = replace(sample, skeleton=Skeleton("dog", tuple("abcdefghijklmn"), ()), box_xyxy=box)
    assert region_of(dog) == from_box(box)


def test_an_unknown_model_is_an_error(tmp_path: Path):
    with pytest.raises(ModelError, match="did you mean 'full'"):
        open_finder("ful", photos(tmp_path, 1))


@pytest.mark.weights
@pytest.mark.shared
@pytest.mark.parametrize(("input", "search"), [("image", "tracker"), ("roi", "estimate")])
def test_the_released_network_finds_the_labelled_person(input: str, search: str):
    if not SHARED_LSP.is_dir():
        pytest.skip("no shared/data/lsp beside the checkout")
    sample = read_lsp(SHARED_LSP)[1]
    finder = open_finder("lite", [sample], input=input, search=search)
    assert isinstance(finder, Aligned if input == "roi" else Search)
    (pose,) = finder(sample.image, [sample]).of_people
    distance = np.linalg.norm(pose.to("lsp14").points[:12, :2] - sample.points[:12], axis=1)
    assert np.median(distance) < 0.1 * region_of(sample).size
