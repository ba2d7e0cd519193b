from collections.abc import Mapping

import pytest

from blazepose.errors import ModelError
from blazepose.track import box_rows
from blazepose.track.box_layouts import (
    NANODET,
    PICODET,
    RTMDET,
    YOLO,
    YOLOX,
    Layout,
    Picture,
    Shape,
    Signature,
    recognise,
)

CONVOLUTION = frozenset({"Convolution"})
SLICES = frozenset({"StridedSlice"})
NO_SIZE = (1, -1, 5)
HEADS = {3: (6400, 1600, 400), 4: (1600, 400, 100, 25)}  # at 640 and at 320 px


def _signature(
    outputs: Mapping[str, Shape],
    *,
    size: int = 640,
    first: frozenset[str] = CONVOLUTION,
    kinds: frozenset[str] = CONVOLUTION,
    takes_pixels: bool = False,
    classes: Mapping[int, str] | None = None,
) -> Signature:
    return Signature(
        inputs=((1, 3, size, size),),
        outputs=outputs,
        size_wh=(size, size),
        first=first,
        kinds=kinds,
        takes_pixels=takes_pixels,
        classes=classes or {},
    )


def _is(layout: Layout, picture: Picture, decode: object) -> bool:
    inner = layout.decode.func  # type: ignore[attr-defined]
    return layout.picture == picture and inner is decode


@pytest.mark.parametrize(
    ("outputs", "size", "decode"),
    [
        ({"output0": (1, 25200, 85)}, 640, box_rows.with_objectness),  # YOLOv5, v7
        ({"output": (1, 6300, 6)}, 320, box_rows.with_objectness),  # one class
        ({"output": (1, 102000, 85)}, 1280, box_rows.with_objectness),  # strides up to 64
        ({"o": (1, 25200, 85), "raw": (1, 3, 80, 80, 85)}, 640, box_rows.with_objectness),
        ({"outputs": (1, 8400, 85)}, 640, box_rows.with_objectness),  # YOLOv6
        ({"outputs": (1, 34000, 85)}, 1280, box_rows.with_objectness),
        ({"output0": (1, 84, 8400)}, 640, box_rows.without_objectness),  # YOLOv8, v9, 11
        ({"output0": (1, 5, 2100)}, 320, box_rows.without_objectness),
        ({"output0": (1, 56, 8400)}, 640, box_rows.without_objectness),  # pose
        ({"o": (1, 116, 8400), "p": (1, 32, 160, 160)}, 640, box_rows.without_objectness),
        ({"output0": (1, 300, 6)}, 640, box_rows.finished),  # YOLOv10, 26
        ({"output0": (1, 300, 57)}, 640, box_rows.finished),
        ({"o": (1, 300, 38), "p": (1, 32, 160, 160)}, 640, box_rows.finished),
        ({"output": (-1, 7)}, 640, box_rows.finished_batch),  # v6 and v7 end to end
    ],
)
def test_yolo_is_known_in_all_its_layouts(
    outputs: dict[str, Shape], size: int, decode: object
) -> None:
    assert _is(recognise(_signature(outputs, size=size), name="x"), YOLO, decode)


def test_yolox_is_known_by_the_slices_it_begins_with() -> None:
    raw = _signature({"output": (1, 8400, 85)}, first=SLICES)
    decoded = _signature({"output": (1, 8400, 85)}, first=SLICES, kinds=frozenset({"Exp"}))
    assert _is(recognise(raw, name="x"), YOLOX, box_rows.undecoded)
    assert _is(recognise(decoded, name="x"), YOLOX, box_rows.with_objectness)


def test_an_early_yolo_begins_with_slices_too_but_has_three_anchors() -> None:
    signature = _signature({"output": (1, 25200, 85)}, first=SLICES)
    assert _is(recognise(signature, name="x"), YOLO, box_rows.with_objectness)


@pytest.mark.parametrize(("first", "picture"), [(CONVOLUTION, RTMDET), (SLICES, YOLOX)])
def test_files_of_mmdeploy_are_known_by_the_names_of_their_outputs(
    first: frozenset[str], picture: Picture
) -> None:
    layout = recognise(_signature({"labels": (1, -1), "dets": NO_SIZE}, first=first), name="x")
    assert _is(layout, picture, box_rows.labelled)
    assert layout.outputs == ("dets", "labels")


@pytest.mark.parametrize("classes", [1, 4, 80])
def test_picodet_is_known_with_its_outputs_in_any_order(classes: int) -> None:
    outputs = {"scores": (1, classes, 2125), "boxes": (1, 2125, 4)}
    layout = recognise(_signature(outputs, size=320), name="x")
    assert _is(layout, PICODET, box_rows.scored)
    assert layout.outputs == ("boxes", "scores")


@pytest.mark.parametrize(("levels", "picture", "size"), [(3, NANODET, 640), (4, PICODET, 320)])
def test_heads_of_each_stride_are_put_in_order(levels: int, picture: Picture, size: int) -> None:
    counts = HEADS[levels]
    outputs = {f"bins {n}": (1, n, 32) for n in reversed(counts)}
    outputs |= {f"scores {n}": (1, n, 80) for n in counts}
    layout = recognise(_signature(outputs, size=size), name="x")
    assert _is(layout, picture, box_rows.spread_by_stride)
    assert layout.outputs == tuple(f"{kind} {n}" for kind in ("scores", "bins") for n in counts)


@pytest.mark.parametrize(("size", "count"), [(320, 2125), (416, 3598)])
def test_nanodet_is_known_by_its_four_grids(size: int, count: int) -> None:
    layout = recognise(_signature({"output": (1, count, 112)}, size=size), name="x")
    assert _is(layout, NANODET, box_rows.spread)


def test_a_file_that_normalises_gets_its_pixels_as_they_are() -> None:
    layout = recognise(_signature({"output0": (1, 84, 8400)}, takes_pixels=True), name="x")
    assert layout.picture == Picture()


@pytest.mark.parametrize(
    "outputs",
    [
        {"logits": (1, 1000)},
        {"boxes": (1, 8400, 4), "scores": (1, 80, 8400)},  # the grids of PP-YOLOE
        {"boxes": (1, 8400, 4), "scores": (1, 8400, 80)},
        {"heatmap": (1, 17, 64, 48)},
        {"output0": (1, 300, 84)},  # RT-DETR
        {"output0": ()},
    ],
)
def test_an_unknown_layout_is_told_with_its_shapes(outputs: dict[str, Shape]) -> None:
    with pytest.raises(ModelError, match=r"x\.onnx is no person .* known outputs are YOLO") as told:
        recognise(_signature(outputs), name="x.onnx")
    assert all(str(shape) in str(told.value) for shape in outputs.values())


@pytest.mark.parametrize(
    ("classes", "person"),
    [({}, 0), ({0: "thing"}, 0), ({0: "car", 3: "Person"}, 3), ({0: "face", 1: "pedestrian"}, 1)],
)
def test_the_class_of_persons_is_known_by_its_name(classes: dict[int, str], person: int) -> None:
    layout = recognise(_signature({"output0": (1, 84, 8400)}, classes=classes), name="x")
    assert layout.decode.keywords["person"] == person  # type: ignore[attr-defined]


def test_a_file_without_a_class_of_persons_is_refused() -> None:
    signature = _signature({"output0": (1, 6, 8400)}, classes={0: "cat", 1: "dog"})
    with pytest.raises(ModelError, match=r"finds no persons: .*'person', it has cat, dog"):
        recognise(signature, name="pets.onnx")
