"""CSV, npz and Parquet hold what the jsonl file holds."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from blazepose.errors import MissingExtraError
from blazepose.pose import Frame, Pose, Roi
from blazepose.posefile import PoseFileHeader, open_pose_files
from blazepose.posefile.tables import COLUMNS
from blazepose.skeleton import BLAZEPOSE33

CLIP = PoseFileHeader("full", "squat.mp4", 64, 48, 30.0)
ALBUM = PoseFileHeader("full", "photos", None, None, None)


def pose(number: int, **changes) -> Pose:
    """A pose whose every number is known: x = 100 number + keypoint, world x = x / 1000."""
    points = np.zeros((33, 3), np.float32)
    points[:, 0] = 100 * number + np.arange(33)
    halves = np.full(33, 0.5, np.float32)
    values = {"visibility": halves, "presence": halves / 2, "score": 0.75, "roi": Roi((0, 0), 1)}
    return Pose(**{"points": points, "world": points / 1000, "id": number, **values, **changes})


def write(folder: Path, fmt: str, frames: list[list[Pose]], header=CLIP) -> Path:
    image = np.zeros((48, 64, 3), np.uint8)
    with open_pose_files(folder / "poses", header, formats=[fmt]) as writer:
        for index, poses in enumerate(frames):
            writer.write(Frame(image, index / 4, index, f"photos/{index}.jpg"), poses)
    return folder / f"poses.{fmt}"


def test_csv_has_a_row_per_frame_person_and_keypoint(tmp_path):
    path = write(tmp_path, "csv", [[pose(1)], [], [pose(1), pose(2)]])
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 3 * 33
    last = rows[-1]
    assert (last["frame"], last["time_s"], last["id"]) == ("2", "0.5", "2")
    assert (last["keypoint"], last["x"], last["world_x"]) == ("right_foot_index", "232.0", "0.232")
    assert (last["score"], last["visibility"], last["presence"]) == ("0.75", "0.5", "0.25")


def test_csv_leaves_an_unknown_number_empty(tmp_path):
    path = write(tmp_path, "csv", [[pose(1, world=np.full((33, 3), np.nan, np.float32))]])
    assert path.read_text().splitlines()[1].endswith(",0.5,0.25,,,")
    path = write(tmp_path, "csv", [[pose(1, score=float("nan"))]])
    assert path.read_text().splitlines()[1].startswith("0,0.0,1,,nose")


def test_npz_has_a_row_per_frame_and_person(tmp_path):
    path = write(tmp_path, "npz", [[pose(1)], [], [pose(1), pose(2)]])
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["frame"], [0, 2, 2])
        np.testing.assert_array_equal(arrays["time_s"], [0, 0.5, 0.5])
        np.testing.assert_array_equal(arrays["id"], [1, 1, 2])
        np.testing.assert_array_equal(arrays["points"][2, :, 0], 200 + np.arange(33))
        np.testing.assert_array_equal(arrays["points"][2, 5, 3:], [0.5, 0.25])
        np.testing.assert_array_equal(arrays["world"][2], pose(2).world)
        assert (arrays["points"].shape, arrays["points"].dtype) == ((3, 33, 5), np.float32)
        assert tuple(arrays["names"]) == BLAZEPOSE33.names
        assert json.loads(str(arrays["header"]))["source"] == "squat.mp4"


def test_npz_of_more_people_than_fit_in_memory_at_once_is_whole(tmp_path):
    path = write(tmp_path, "npz", [[pose(1)] for _ in range(5000)])
    with np.load(path) as arrays:
        np.testing.assert_array_equal(arrays["frame"], np.arange(5000))
        np.testing.assert_array_equal(arrays["world"][-1], pose(1).world)


@pytest.mark.parametrize("frames", [[], [[], []]])
def test_npz_of_nobody_has_empty_arrays(tmp_path, frames):
    with np.load(write(tmp_path, "npz", frames)) as arrays:
        assert arrays["points"].shape == (0, 33, 5)


def test_npz_leaves_no_spool_file(tmp_path):
    write(tmp_path, "npz", [[pose(1)]])
    assert [path.name for path in tmp_path.iterdir()] == ["poses.npz"]


@pytest.mark.parametrize("fmt", ["csv", "npz", "parquet"])
def test_an_album_has_the_names_of_its_photos(tmp_path, fmt):
    if fmt == "parquet":
        pytest.importorskip("pyarrow")
    path = write(tmp_path, fmt, [[pose(1)], [pose(1)]], ALBUM)
    if fmt == "npz":
        with np.load(path) as arrays:
            assert list(arrays["file"]) == ["photos/0.jpg", "photos/1.jpg"]
    elif fmt == "csv":
        assert path.read_text().splitlines()[-1].endswith("1.jpg")
    else:
        import pyarrow.parquet as pq

        assert set(pq.read_table(path)["file"].to_pylist()) == {"photos/0.jpg", "photos/1.jpg"}


def test_parquet_has_the_columns_of_csv_typed(tmp_path):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = write(tmp_path, "parquet", [[pose(1)], [], [pose(1), pose(2)]])
    table = pq.read_table(path)
    assert tuple(table.column_names) == COLUMNS
    assert {str(table.schema.field(name).type) for name in COLUMNS[5:]} == {"float"}
    last = table.slice(table.num_rows - 1).to_pylist()[0]
    assert (last["frame"], last["id"], last["x"], last["keypoint"]) == (
        *(2, 2, 232.0),
        "right_foot_index",
    )
    assert json.loads(table.schema.metadata[b"blazepose"])["model"] == "full"


def test_parquet_is_written_in_groups(tmp_path):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = write(tmp_path, "parquet", [[pose(1)] for _ in range(5000)])
    about = pq.read_metadata(path)
    assert (about.num_rows, about.num_row_groups) == (5000 * 33, 3)


def test_parquet_without_pyarrow_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"blazepose\[parquet\]"):
        open_pose_files(tmp_path / "poses", CLIP, formats=["jsonl", "parquet"])
    assert not list(tmp_path.iterdir())


def test_parquet_escapes_a_name_that_is_no_text(tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    with open_pose_files(tmp_path / "poses", ALBUM, formats=["parquet"]) as writer:
        name = b"photos/caf\xe9.jpg".decode(errors="surrogateescape")
        writer.write(Frame(np.zeros((48, 64, 3), np.uint8), 0.0, 0, name), [pose(1)])
    assert set(pq.read_table(tmp_path / "poses.parquet")["file"].to_pylist()) == {
        "photos/caf\\udce9.jpg"
    }
