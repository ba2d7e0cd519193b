from pathlib import Path

import pytest

from blazepose.datasets import HIDDEN, UNLABELLED, VISIBLE, read_voc
from blazepose.errors import SourceError
from blazepose.skeleton import COCO17, LSP14


def box(x0, y0, x1, y1) -> str:
    sides = {"xmin": x0, "ymin": y0, "xmax": x1, "ymax": y1}
    return "<bndbox>" + "".join(f"<{k}>{v}</{k}>" for k, v in sides.items()) + "</bndbox>"


def part(name: str, *corners, more: str = "") -> str:
    return f"<part><name>{name}</name>{box(*corners)}{more}</part>"


def thing(*parts: str, name: str = "person") -> str:
    return f"<object><name>{name}</name>{box(10, 20, 100, 90)}{''.join(parts)}</object>"


@pytest.fixture
def write(tmp_path: Path, photo):
    photo(tmp_path / "a.png")

    def to_file(*objects: str, name: str = "a.xml") -> Path:
        text = f"<annotation><filename>a.png</filename>{''.join(objects)}</annotation>"
        (tmp_path / name).write_text(text)
        return tmp_path

    return to_file


def test_a_keypoint_is_the_centre_of_its_part(write):
    hidden = part("Right Knee", 50, 60, 54, 66, more="<occluded>1</occluded>")
    (sample,) = read_voc(write(thing(part("left_knee", 30, 40, 34, 46), hidden)))
    assert sample.skeleton is LSP14
    left, right = (LSP14.index(f"{side}_knee") for side in ("left", "right"))
    assert sample.points[[left, right]].tolist() == [[32, 43], [52, 63]]
    assert sample.visible[[left, right]].tolist() == [VISIBLE, HIDDEN]
    assert (sample.visible == UNLABELLED).sum() == 12
    assert sample.box_xyxy is not None
    assert sample.box_xyxy.tolist() == [10, 20, 100, 90]


def test_parts_of_all_files_decide_on_the_skeleton(write):
    write(thing(part("nose", 1, 1, 3, 3)), name="a.xml")
    folder = write(thing(part("left_ear", 1, 1, 3, 3)), name="b.xml")
    assert [sample.skeleton for sample in read_voc(folder)] == [COCO17, COCO17]


def test_unknown_parts_make_a_skeleton_of_their_own(write):
    (sample,) = read_voc(write(thing(part("barbell", 1, 1, 3, 3), part("nose", 5, 5, 7, 7))))
    assert sample.skeleton.names == ("barbell", "nose")


def test_a_person_may_have_a_box_alone_and_other_things_are_skipped(write):
    (sample,) = read_voc(write(thing(), thing(name="dog")))
    assert not sample.labelled.any()
    assert sample.box_xyxy is not None


def test_the_folders_of_the_official_layout_are_known(tmp_path, photo, write):
    write(thing())
    image = photo(tmp_path / "JPEGImages" / "a.png")
    (tmp_path / "Annotations").mkdir()
    (tmp_path / "a.xml").rename(tmp_path / "Annotations" / "a.xml")
    (tmp_path / "a.png").unlink()
    assert read_voc(tmp_path)[0].image == image


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (thing(part("nose", 1, "x", 3, 3)), "object 1, part nose: expected a bndbox of four numb"),
        (thing(part("nose", 1, 1, 3, 3), part("nose", 1, 1, 3, 3)), "each part once"),
        (thing(part("nose", 1, 1, 3, "nan")), "object 1: .* got none for nose"),
        ("<object>", "expected XML, got mismatched tag: line 1"),
    ],
)
def test_a_broken_person_or_file_stops_or_is_told_and_left_out(write, bad, message):
    write(bad)
    folder = write(thing(), name="b.xml")
    with pytest.raises(SourceError, match=message):
        read_voc(folder)
    problems: list[SourceError] = []
    assert read_voc(folder, on_broken=problems.append)
    assert len(problems) == 1


def test_an_annotation_without_its_image_is_told(tmp_path, write):
    folder = write(thing())
    (tmp_path / "a.png").unlink()
    with pytest.raises(SourceError, match=r"a\.xml: expected its image a\.png in one of"):
        read_voc(folder)


def test_a_folder_without_annotations_is_an_error(tmp_path):
    with pytest.raises(SourceError, match=r"expected VOC \.xml files"):
        read_voc(tmp_path)
