import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from box_files import (
    COARSE,
    FINE,
    HEIGHT,
    WIDTH,
    Table,
    save,
    say_centre,
    say_corners,
    table,
    write_file,
)
from onnx import TensorProto, helper, numpy_helper

from blazepose.errors import ModelError
from blazepose.geometry import crop_points
from blazepose.pose import Roi
from blazepose.roi import whole_image
from blazepose.track.box_detector import BoxDetector, open_detector
from blazepose.track.box_graph import compile_graph, read_graph
from blazepose.track.box_layouts import Layout, Picture
from blazepose.track.box_rows import cells
from blazepose.track.detector import NETWORK, Detector
from blazepose.video import read_image

SHARED = Path(__file__).parents[3] / "shared" / "data"
ROW = 77  # where in a table the person is


def _picture(width: int, height: int, box: tuple[int, int, int, int]) -> np.ndarray:
    """Black with a white rectangle."""
    image = np.zeros((height, width, 3), np.uint8)
    x0, y0, x1, y1 = box
    image[y0:y1, x0:x1] = 255
    return image


def _rows(count: int, columns: int, scores: dict[int, float]) -> Table:
    """One person's centre and size in a row, with some of its columns set."""
    said = table((1, count, columns))
    say_centre(said, [(0, ROW, i) for i in range(4)])
    for column, value in scores.items():
        said[0][0, ROW, column] = value
    return said


def _columns(columns: int, scores: dict[int, float]) -> Table:
    base, slopes = _rows(FINE, columns, scores)
    return base.transpose(0, 2, 1), slopes.transpose(0, 1, 3, 2)


def _finished(columns: int) -> Table:
    said = table((1, 300, columns))
    say_corners(said, [(0, ROW, i) for i in range(4)])
    said[0][0, ROW, 4] = 0.8
    return said


def _batch() -> Table:
    said = table((5, 7))
    say_corners(said, [(3, i) for i in range(1, 5)])
    said[0][3, 6] = 0.8
    return said


def _picodet() -> dict[str, Table]:
    boxes, scores = table((1, COARSE, 4)), table((1, 80, COARSE))
    say_corners(boxes, [(0, ROW, i) for i in range(4)])
    scores[0][0, 0, ROW] = 0.8
    return {"boxes": boxes, "scores": scores}


def _mmdeploy() -> dict[str, Table]:
    dets, labels = table((1, 3, 5)), table((1, 3))
    say_corners(dets, [(0, 1, i) for i in range(4)])
    dets[0][0, :, 4] = [0.9, 0.8, 0.7]
    labels[0][0] = [2, 0, 2]
    return {"dets": dets, "labels": labels}


FAMILIES: dict[str, Callable[[], dict[str, Table]]] = {
    "YOLOv5": lambda: {"output": _rows(3 * FINE, 85, {4: 0.8, 5: 1, 6: 1})},
    "YOLOv6": lambda: {"outputs": _rows(FINE, 85, {4: 1, 5: 0.8})},
    "YOLOv8": lambda: {"output0": _columns(84, {4: 0.8, 9: 0.9})},
    "YOLO11 pose": lambda: {"output0": _columns(56, {4: 0.8, 9: 120})},
    "YOLOv10": lambda: {"output0": _finished(6)},
    "YOLO26 pose": lambda: {"output0": _finished(57)},
    "YOLOv7 end to end": lambda: {"output": _batch()},
    "RTMDet": _mmdeploy,
    "PicoDet": _picodet,
}
STRETCHED = {"PicoDet"}


@pytest.fixture(scope="module", params=FAMILIES)
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    path = tmp_path_factory.mktemp("family") / "detector.onnx"
    found = open_detector(write_file(path, FAMILIES[request.param]()), threads=1)
    assert isinstance(found, BoxDetector)
    return found


@pytest.mark.parametrize(
    ("size_wh", "box"),
    [
        ((128, 96), (20, 30, 50, 90)),
        ((640, 480), (100, 200, 300, 400)),
        ((640, 240), (30, 20, 90, 220)),
        ((200, 500), (60, 300, 180, 480)),
    ],
)
def test_every_family_finds_the_person_where_it_is(
    detector: BoxDetector, size_wh: tuple[int, int], box: tuple[int, int, int, int]
) -> None:
    (found,) = detector(_picture(*size_wh, box), whole_image(*size_wh), threshold=0.5)
    pixel = max(size_wh[0] / WIDTH, size_wh[1] / HEIGHT)  # of the input, in the frame
    assert found.box_xyxy == pytest.approx(np.array(box), abs=0.75 * pixel)
    assert found.box_xyxy.dtype == np.float32
    assert found.score == pytest.approx(0.8)
    assert np.isnan(found.points).all()


def test_every_family_looks_into_a_turned_tile(detector: BoxDetector) -> None:
    tile = Roi((200.0, 150.0), 150.0, math.pi / 2)
    (found,) = detector(_picture(400, 300, (180, 120, 240, 200)), tile, threshold=0.5)
    assert found.box_xyxy == pytest.approx(np.array([180, 120, 240, 200]), abs=1.5)


def test_a_score_under_the_threshold_does_not_count(detector: BoxDetector) -> None:
    image = _picture(128, 96, (20, 30, 50, 90))
    assert detector(image, whole_image(128, 96), threshold=0.81) == []


def test_a_region_beside_the_image_has_nobody(detector: BoxDetector) -> None:
    image = _picture(128, 96, (20, 30, 50, 90))
    assert detector(image, Roi((500.0, 500.0), 50.0), threshold=0.5) == []


def test_a_person_beyond_the_region_is_not_in_it(tmp_path: Path) -> None:
    # Half of this region is beyond the frame; what it has of the frame is wide, as the input is
    # not, so the input has room for more of the frame than is asked for.
    found = open_detector(write_file(tmp_path / "v8.onnx", FAMILIES["YOLOv8"]()))
    image = _picture(400, 400, (180, 110, 220, 140))
    assert found(image, Roi((200.0, 0.0), 300.0), threshold=0.5)
    assert found(image, Roi((200.0, 0.0), 200.0), threshold=0.5) == []


def test_nanodet_and_yolox_are_read_on_their_grids(tmp_path: Path) -> None:
    image = _picture(WIDTH, HEIGHT, (20, 30, 50, 90))
    grid = cells((WIDTH, HEIGHT), (8, 16, 32, 64))
    nanodet = table((1, COARSE, 81 + 32 - 1))
    nanodet[0][0, ROW, 0] = 0.8
    nanodet[0][0, ROW, 80:].reshape(4, 8)[:, 2] = 100
    x, y, stride = grid[ROW]
    expected = np.array([x - 2, y - 2, x + 2, y + 2]) * stride
    (found,) = open_detector(write_file(tmp_path / "n.onnx", {"output": nanodet}))(
        image, whole_image(WIDTH, HEIGHT), threshold=0.5
    )
    assert found.box_xyxy == pytest.approx(expected, abs=1e-3)

    yolox = table((1, FINE, 85))
    yolox[0][0, ROW, :6] = [0.5, 0.5, math.log(2), math.log(3), 0.8, 1]
    slices = [
        helper.make_node("Slice", ["images", "zero", "size", "axis", f"{i}"], [f"part{i}"])
        for i in (1, 2)
    ] + [helper.make_node("Concat", ["part1", "part1"], ["seen"], axis=1)]
    numbers = {"zero": 0, "size": HEIGHT, "axis": 2, "1": 1, "2": 2}
    path = write_file(
        tmp_path / "x.onnx",
        {"output": yolox},
        start=slices,
        constants={name: np.array([value]) for name, value in numbers.items()},
    )
    (found,) = open_detector(path)(image, whole_image(WIDTH, HEIGHT), threshold=0.5)
    middle = (grid[ROW, :2] + 0.5) * stride
    half = np.array([1, 1.5]) * stride
    expected = np.hstack([middle - half, middle + half])
    assert found.box_xyxy == pytest.approx(expected, abs=1e-3)


def test_two_boxes_of_one_person_are_one_and_the_best_comes_first(tmp_path: Path) -> None:
    said = table((1, 300, 6))
    said[0][0, :4] = [
        [10, 10, 30, 50, 0.7, 0],
        [11, 10, 30, 50, 0.8, 0],
        [60, 10, 90, 60, 0.9, 0],
        [12, 30, 30, 70, 0.6, 0],
    ]
    found = open_detector(write_file(tmp_path / "e.onnx", {"output0": said}))
    people = found(_picture(WIDTH, HEIGHT, (0, 0, 1, 1)), whole_image(128, 96), threshold=0.5)
    assert [round(person.score, 3) for person in people] == [0.9, 0.8, 0.6]


def test_boxes_end_where_the_frame_ends(tmp_path: Path) -> None:
    said = table((1, 300, 6))
    said[0][0, 0] = [-20, 10, 200, 90, 0.9, 0]
    found = open_detector(write_file(tmp_path / "e.onnx", {"output0": said}))
    (person,) = found(_picture(256, 192, (0, 0, 1, 1)), whole_image(256, 192), threshold=0.5)
    assert person.box_xyxy.tolist() == [0, 20, 256, 180]


@pytest.mark.parametrize(
    "names", ["{0: 'car', 5: 'person'}", "['a', 'b', 'c', 'd', 'e', 'person']"]
)
def test_the_person_is_the_class_that_the_file_calls_so(tmp_path: Path, names: str) -> None:
    path = write_file(tmp_path / "v8.onnx", FAMILIES["YOLOv8"](), metadata={"names": names})
    image = _picture(WIDTH, HEIGHT, (20, 30, 50, 90))
    (found,) = open_detector(path)(image, whole_image(WIDTH, HEIGHT), threshold=0.5)
    assert found.score == pytest.approx(0.9)


def test_a_file_that_finds_no_persons_is_refused(tmp_path: Path) -> None:
    names = {"names": "{0: 'cat', 1: 'dog'}"}
    path = write_file(tmp_path / "pets.onnx", FAMILIES["YOLOv8"](), metadata=names)
    with pytest.raises(ModelError, match=r"pets\.onnx finds no persons"):
        open_detector(path)


def test_free_axes_take_the_size_that_the_file_was_made_for(tmp_path: Path) -> None:
    path = write_file(
        tmp_path / "free.onnx",
        FAMILIES["YOLOv8"](),
        sides=("batch", 3, "height", "width"),
        metadata={"imgsz": f"[{HEIGHT}, {WIDTH}]"},
    )
    image = _picture(WIDTH, HEIGHT, (20, 30, 50, 90))
    (found,) = open_detector(path)(image, whole_image(WIDTH, HEIGHT), threshold=0.5)
    assert found.box_xyxy == pytest.approx(np.array([20, 30, 50, 90]), abs=0.1)


def test_a_file_with_channels_last_is_read_as_well(tmp_path: Path) -> None:
    path = write_file(tmp_path / "last.onnx", FAMILIES["YOLOv8"](), sides=(1, HEIGHT, WIDTH, 3))
    image = _picture(WIDTH, HEIGHT, (20, 30, 50, 90))
    (found,) = open_detector(path)(image, whole_image(WIDTH, HEIGHT), threshold=0.5)
    assert found.box_xyxy == pytest.approx(np.array([20, 30, 50, 90]), abs=0.1)


def test_people_that_the_file_itself_has_chosen_may_be_any_number(tmp_path: Path) -> None:
    path = _with_own_nms(tmp_path / "end2end.onnx")
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    people = open_detector(path)(image, whole_image(WIDTH, HEIGHT), threshold=0.1)
    assert [round(person.score, 3) for person in people] == [0.9, 0.6]
    dark = open_detector(path)(image + 255, whole_image(WIDTH, HEIGHT), threshold=0.1)
    assert dark == []


def _with_own_nms(path: Path) -> Path:
    """Three constant boxes, two of one person, whose scores fall with brightness (MMDeploy)."""
    boxes = np.float32([[[10, 10, 30, 50], [11, 10, 30, 50], [60, 10, 90, 60]]])
    constants = {
        "boxes": boxes,
        "scores at dark": np.float32([[[0.9, 0.8, 0.6]]]),
        "per brightness": np.float32(-0.5),
        "most": np.array([10]),
        "overlap": np.float32([0.5]),
        "least": np.float32([0.05]),
        "which": np.array(2),
        "last": np.array([2]),
        "zero": np.array([0]),
    }
    steps = [
        helper.make_node("Relu", ["input"], ["light"]),
        helper.make_node("ReduceMean", ["light"], ["brightness"], keepdims=0),
        helper.make_node("Mul", ["brightness", "per brightness"], ["loss"]),
        helper.make_node("Add", ["scores at dark", "loss"], ["scores"]),
        helper.make_node(
            "NonMaxSuppression", ["boxes", "scores", "most", "overlap", "least"], ["chosen"]
        ),
        helper.make_node("Gather", ["chosen", "which"], ["rows"], axis=1),
        helper.make_node("Transpose", ["scores"], ["columns"], perm=[0, 2, 1]),
        helper.make_node("Concat", ["boxes", "columns"], ["all"], axis=2),
        helper.make_node("Gather", ["all", "rows"], ["dets"], axis=1),
        helper.make_node("Sub", ["rows", "rows"], ["labels of rows"]),
        helper.make_node("Unsqueeze", ["labels of rows", "zero"], ["labels"]),
    ]
    graph = helper.make_graph(
        steps,
        "end2end",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, (1, 3, HEIGHT, WIDTH))],
        [
            helper.make_tensor_value_info("dets", TensorProto.FLOAT, (1, "n", 5)),
            helper.make_tensor_value_info("labels", TensorProto.INT64, (1, "n")),
        ],
        [numpy_helper.from_array(np.asarray(v), name) for name, v in constants.items()],
    )
    return save(path, graph)


@pytest.mark.parametrize("bgr", [False, True])
@pytest.mark.parametrize("sides", [(1, 3, 2, 4), (1, 2, 4, 3)])
def test_a_network_sees_the_colours_in_its_own_order_and_range(
    tmp_path: Path, bgr: bool, sides: tuple[int, ...]
) -> None:
    path = _mirror(tmp_path / "mirror.onnx", sides)
    picture = Picture(bgr=bgr, mean=(10, 20, 30), std=(2, 4, 5))
    layout = Layout(picture, ("seen",), lambda: None, batched=False)  # type: ignore[arg-type,return-value]
    image = np.random.default_rng(0).integers(0, 255, (2, 4, 3), np.uint8)
    model, _ = read_graph(path, name="mirror")
    (seen,) = compile_graph(model, layout, threads=1, name="mirror")(image)
    expected = (image[..., ::-1] if bgr else image).astype(np.float32)
    expected = (expected - picture.mean) / picture.std
    channels_last = seen[0] if sides[3] == 3 else seen[0].transpose(1, 2, 0)
    assert channels_last == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("scaled", "takes_pixels"), [(True, True), (False, False)])
def test_a_file_that_brings_pixels_to_its_range_is_noticed(
    tmp_path: Path, scaled: bool, takes_pixels: bool
) -> None:
    start = [helper.make_node("Div", ["images", "most"], ["seen"])] if scaled else []
    constants = {"most": np.float32(255)} if scaled else {}
    outputs = FAMILIES["YOLOv8"]()
    path = write_file(tmp_path / "v8.onnx", outputs, start=start, constants=constants)
    assert read_graph(path, name="v8")[1].takes_pixels == takes_pixels


def _mirror(path: Path, sides: tuple[int, ...]) -> Path:
    """A file that says what it sees."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["images"], ["seen"])],
        "mirror",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, sides)],
        [helper.make_tensor_value_info("seen", TensorProto.FLOAT, sides)],
    )
    return save(path, graph)


def test_openvino_files_are_read_as_well_and_say_their_classes(tmp_path: Path) -> None:
    from blazepose.no_telemetry import openvino as ov

    source = write_file(tmp_path / "v8.onnx", FAMILIES["YOLOv8"]())
    model = ov.Core().read_model(source)
    labels = [f"thing_{i}" for i in range(5)] + ["person"]
    model.set_rt_info(labels, ["model_info", "labels"])
    ov.save_model(model, tmp_path / "v8.xml", compress_to_fp16=False)
    image = _picture(WIDTH, HEIGHT, (20, 30, 50, 90))
    found = open_detector(tmp_path / "v8.xml")(image, whole_image(WIDTH, HEIGHT), threshold=0.5)
    assert found[0].score == pytest.approx(0.9)
    assert found[0].box_xyxy == pytest.approx(np.array([20, 30, 50, 90]), abs=0.1)


def test_a_file_with_the_released_outputs_is_the_released_detector(tmp_path: Path) -> None:
    sides = (1, NETWORK.size, NETWORK.size, 3)
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["image"], ["brightest"], keepdims=0),
            *(helper.make_node("Add", ["brightest", f"no {n}"], [n]) for n in NETWORK.outputs),
        ],
        "released",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, sides)],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, *shape))
            for name, shape in NETWORK.outputs.items()
        ],
        [
            numpy_helper.from_array(np.zeros((1, *shape), np.float32), f"no {name}")
            for name, shape in NETWORK.outputs.items()
        ],
    )
    assert isinstance(open_detector(save(tmp_path / "released.onnx", graph)), Detector)


def test_other_families_run_in_openvino_only(tmp_path: Path) -> None:
    path = write_file(tmp_path / "v8.onnx", FAMILIES["YOLOv8"]())
    with pytest.raises(ModelError, match="runs in openvino, not onnx: use 'auto'"):
        open_detector(path, runtime="onnx")


def test_a_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match=r"no such file: nobody\.onnx"):
        open_detector(Path("nobody.onnx"))


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model")
    with pytest.raises(ModelError, match=r"cannot read .*text\.onnx"):
        open_detector(tmp_path / "text.onnx")
    with pytest.raises(ModelError, match=r"yolov8n\.pt"):
        open_detector(tmp_path / "yolov8n.pt")


def test_a_network_without_a_picture_is_told(tmp_path: Path) -> None:
    graph = helper.make_graph(
        [helper.make_node("Abs", ["words"], ["other"])],
        "words",
        [helper.make_tensor_value_info("words", TensorProto.FLOAT, (1, 12))],
        [helper.make_tensor_value_info("other", TensorProto.FLOAT, (1, 12))],
    )
    with pytest.raises(ModelError, match=r"no person detector: it takes no picture, but \(1, 12\)"):
        open_detector(save(tmp_path / "words.onnx", graph))


@pytest.mark.shared
def test_picodet_sees_the_people_of_lsp() -> None:
    path = SHARED / "peers/picodet_s_320_pedestrian/picodet_s_320_lcnet_pedestrian.xml"
    photos = [SHARED / "lsp/images" / f"im{i:04d}.jpg" for i in range(1, 9)]
    if not path.is_file() or not photos[0].is_file():
        pytest.skip("no shared/data/peers or shared/data/lsp beside the checkout")
    detector = open_detector(path, threads=1)
    for photo in photos:
        image = read_image(photo)
        height, width = image.shape[:2]
        found = detector(image, whole_image(width, height), threshold=0.5)
        assert found, photo.name
        middle = crop_points(
            found[0].box_xyxy.reshape(2, 2).mean(axis=0), whole_image(width, height)
        )
        assert middle == pytest.approx([0.5, 0.5], abs=0.2)  # LSP's people are in the middle
