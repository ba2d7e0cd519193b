"""Landmarks as the solutions hand them out: protobuf messages, defined as MediaPipe defines them.

They lie in a pool of their own, so MediaPipe itself can be loaded beside them.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_PACKAGE = "mediapipe"
_POINT = ("x", "y", "z", "visibility", "presence")


def _point(name: str) -> DescriptorProto:
    numbers = [
        FieldDescriptorProto(
            name=field,
            number=number,
            label=FieldDescriptorProto.LABEL_OPTIONAL,
            type=FieldDescriptorProto.TYPE_FLOAT,
        )
        for number, field in enumerate(_POINT, 1)
    ]
    return DescriptorProto(name=name, field=numbers)


def _list_of(item: str, field: str) -> DescriptorProto:
    items = FieldDescriptorProto(
        name=field,
        number=1,
        label=FieldDescriptorProto.LABEL_REPEATED,
        type=FieldDescriptorProto.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.{item}",
    )
    name = f"{item}List" if field == "landmark" else f"{item}Collection"
    return DescriptorProto(name=name, field=[items])


_MESSAGES = [
    message
    for kind in ("Landmark", "NormalizedLandmark")
    for message in (
        _point(kind),
        _list_of(kind, "landmark"),
        _list_of(f"{kind}List", "landmark_list"),
    )
]
_POOL = DescriptorPool()
_POOL.Add(
    FileDescriptorProto(
        name="mediapipe/framework/formats/landmark.proto",
        package=_PACKAGE,
        syntax="proto2",
        message_type=_MESSAGES,
    )
)


def _message(name: str) -> Any:
    """The class of a message; it says where it lies, so that messages can be pickled."""
    made = GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))
    made.__module__ = __name__
    return made


Landmark = _message("Landmark")
"""A point in metres; a value that was not given is 0, and `HasField` says that it was not."""
LandmarkList = _message("LandmarkList")
"""Points in metres, as `landmark`."""
LandmarkListCollection = _message("LandmarkListCollection")
"""Several of them, as `landmark_list`."""
NormalizedLandmark = _message("NormalizedLandmark")
"""A point in parts of the image; x, y and visibility mostly lie in 0..1."""
NormalizedLandmarkList = _message("NormalizedLandmarkList")
"""Points in parts of the image, as `landmark`."""
NormalizedLandmarkListCollection = _message("NormalizedLandmarkListCollection")
"""Several of them, as `landmark_list`."""
