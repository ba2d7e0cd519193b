import copy
import pickle

import numpy as np
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from blazepose.compat.mediapipe.framework.formats.landmark_pb2 import (
    Landmark,
    LandmarkList,
    NormalizedLandmark,
    NormalizedLandmarkList,
)


def test_what_was_not_given_is_zero_and_known_not_to_be_given() -> None:
    point = NormalizedLandmark(x=0.25)
    assert (point.x, point.y, point.visibility) == (0.25, 0.0, 0.0)
    assert point.HasField("x")
    assert not point.HasField("visibility")
    point.visibility = 0.5
    assert point.HasField("visibility")
    point.ClearField("visibility")
    assert point.visibility == 0.0
    assert not point.HasField("visibility")


def test_what_a_landmark_does_not_have_cannot_be_asked_for_or_set() -> None:
    point = Landmark()
    with pytest.raises(ValueError, match="w"):
        point.HasField("w")
    with pytest.raises(AttributeError, match="w"):
        point.w = 1.0
    with pytest.raises(AttributeError):
        point.w  # noqa: B018


def test_numbers_are_kept_in_single_precision() -> None:
    assert Landmark(x=0.1).x == float(np.float32(0.1))


def test_lists_take_copies_however_they_are_filled() -> None:
    point = NormalizedLandmark(x=0.5)
    points = NormalizedLandmarkList(landmark=[point])
    points.landmark.extend([point])
    points.landmark.append(point)
    points.landmark.add(y=0.25).z = 1.0
    point.x = 0.0
    assert [p.x for p in points.landmark] == [0.5, 0.5, 0.5, 0.0]
    assert points.landmark[-1] == NormalizedLandmark(y=0.25, z=1.0)
    assert len(points.landmark) == 4


def test_a_copied_list_is_equal_and_independent() -> None:
    points = LandmarkList(landmark=[Landmark(x=1, y=2, z=3, visibility=0.5)])
    taken = LandmarkList()
    taken.CopyFrom(points)
    others = [taken, copy.copy(points), copy.deepcopy(points), pickle.loads(pickle.dumps(points))]
    others.append(LandmarkList.FromString(points.SerializeToString()))
    assert all(other == points for other in others)
    for other in others:
        other.landmark[0].x = 9
    assert points.landmark[0].x == 1
    assert all(other != points for other in others)


def test_fields_that_are_set_are_listed_with_their_values() -> None:
    points = NormalizedLandmarkList(landmark=[NormalizedLandmark(x=0.5, visibility=0.75)])
    ((field, landmarks),) = points.ListFields()
    assert field.name == "landmark"
    assert [(f.name, value) for f, value in landmarks[0].ListFields()] == [
        ("x", 0.5),
        ("visibility", 0.75),
    ]
    assert NormalizedLandmarkList().ListFields() == []


def test_they_print_as_messages_do() -> None:
    points = NormalizedLandmarkList(landmark=[{"x": 0.1, "z": -1}, {"y": 0.25}])
    assert str(points) == ("landmark {\n  x: 0.1\n  z: -1\n}\nlandmark {\n  y: 0.25\n}\n")


def test_a_list_without_landmarks_counts_as_true() -> None:
    assert NormalizedLandmarkList()


def test_protobuf_makes_dictionaries_of_them() -> None:
    points = NormalizedLandmarkList(landmark=[NormalizedLandmark(x=0.1, visibility=0.9)])
    assert MessageToDict(points) == {"landmark": [{"x": 0.1, "visibility": 0.9}]}
    assert ParseDict(MessageToDict(points), NormalizedLandmarkList()) == points
