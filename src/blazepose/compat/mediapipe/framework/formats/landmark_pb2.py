"""Landmarks as the solutions hand them out: they behave as messages do, without protobuf.

A message keeps what was set in its `__dict__`; a field that was not set reads as its default,
which is an attribute of the class. The descriptors tell as much as `MessageToDict` of
`google.protobuf.json_format` asks for, which many scripts call.
"""
# ruff: noqa: N802 - the methods of messages are called so

from __future__ import annotations

import copy
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np

_FLOAT, _MESSAGE = 2, 11  # FieldDescriptor.TYPE_FLOAT and TYPE_MESSAGE
_CPP_TYPE = {_FLOAT: 6, _MESSAGE: 10}


@dataclass(frozen=True)
class Field:
    """What a field of a message is: one number, or landmarks."""

    name: str
    number: int
    type: int = _FLOAT
    is_extension: ClassVar[bool] = False
    message_type: ClassVar[Any] = SimpleNamespace(has_options=False)

    @property
    def json_name(self) -> str:
        """As `name`: all are one word."""
        return self.name

    @property
    def cpp_type(self) -> int:
        """Number of the type in C++."""
        return _CPP_TYPE[self.type]

    @property
    def is_repeated(self) -> bool:
        """Whether it holds a list."""
        return self.type == _MESSAGE

    @property
    def label(self) -> int:
        """The same in numbers: 3 repeated, 1 optional."""
        return 3 if self.is_repeated else 1


@dataclass(frozen=True)
class Descriptor:
    """What a message is called and holds."""

    full_name: str
    fields: tuple[Field, ...]
    file: ClassVar[Any] = SimpleNamespace(name="mediapipe/framework/formats/landmark.proto")


class _Message:
    """What landmarks and lists of them have in common."""

    DESCRIPTOR: ClassVar[Descriptor]

    def HasField(self, field_name: str) -> bool:
        """Whether a field was set; ValueError for one that there is not."""
        return self._checked(field_name) in vars(self)

    def ClearField(self, field_name: str) -> None:
        """Make a field unset; ValueError for one that there is not."""
        vars(self).pop(self._checked(field_name), None)

    def CopyFrom(self, other_msg: _Message) -> None:
        """Take over everything from another message, as a copy."""
        vars(self).clear()
        vars(self).update(copy.deepcopy(vars(other_msg)))

    def ListFields(self) -> list[tuple[Field, Any]]:
        """Fields that are set, with their values."""
        fields = [field for field in self.DESCRIPTOR.fields if field.name in vars(self)]
        return [(field, value) for field in fields if (value := getattr(self, field.name)) != []]

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # messages can change

    def __str__(self) -> str:
        return "".join(_text(field, value) for field, value in self.ListFields())

    __repr__ = __str__

    def _checked(self, name: str) -> str:
        if all(name != field.name for field in self.DESCRIPTOR.fields):
            raise ValueError(f'message {self.DESCRIPTOR.full_name} has no "{name}" field')
        return name


class _Point(_Message):
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    visibility: float = 0.0
    presence: float = 0.0

    def __init__(
        self,
        x: float | None = None,
        y: float | None = None,
        z: float | None = None,
        visibility: float | None = None,
        presence: float | None = None,
    ) -> None:
        for name, value in zip(_NAMES, (x, y, z, visibility, presence), strict=True):
            if value is not None:
                setattr(self, name, value)

    def __setattr__(self, name: str, value: float) -> None:
        if name not in _NAMES:
            raise AttributeError(f"a landmark has {', '.join(_NAMES)}, got {name!r}")
        # In single precision, as messages keep it: `MessageToDict` never returns on anything else.
        vars(self)[name] = float(np.float32(value))


_NAMES = ("x", "y", "z", "visibility", "presence")
_POINT_FIELDS = tuple(Field(name, number) for number, name in enumerate(_NAMES, 1))


class Landmark(_Point):
    """A point in metres; a value that was not given is 0, and `HasField` says that it was not."""

    DESCRIPTOR = Descriptor("mediapipe.Landmark", _POINT_FIELDS)


class NormalizedLandmark(_Point):
    """A point in parts of the image; x, y and visibility mostly lie in 0..1."""

    DESCRIPTOR = Descriptor("mediapipe.NormalizedLandmark", _POINT_FIELDS)


P = TypeVar("P", bound=_Point)


class Points(list[P]):
    """The landmarks in a list of them: a list that makes new ones, and copies what it is given."""

    def __init__(self, kind: type[P], points: Iterable[P] = ()) -> None:
        super().__init__(map(copy.copy, points))
        self._kind = kind

    def add(self, **fields: float) -> P:
        """Append a new landmark, and return it to be filled in."""
        point = self._kind(**fields)
        super().append(point)
        return point

    def append(self, point: P) -> None:
        """Append a copy of a landmark."""
        super().append(copy.copy(point))

    def extend(self, points: Iterable[P]) -> None:
        """Append copies of landmarks."""
        super().extend(map(copy.copy, points))


class _PointList(_Message, Generic[P]):
    landmark: Points[P]

    def __init__(self, kind: type[P], landmark: Iterable[P]) -> None:
        self.landmark = Points(kind, landmark)


_LIST_FIELDS = (Field("landmark", 1, _MESSAGE),)


class LandmarkList(_PointList[Landmark]):
    """Points in metres, as `landmark`."""

    DESCRIPTOR = Descriptor("mediapipe.LandmarkList", _LIST_FIELDS)

    def __init__(self, landmark: Iterable[Landmark] = ()) -> None:
        super().__init__(Landmark, landmark)


class NormalizedLandmarkList(_PointList[NormalizedLandmark]):
    """Points in parts of the image, as `landmark`."""

    DESCRIPTOR = Descriptor("mediapipe.NormalizedLandmarkList", _LIST_FIELDS)

    def __init__(self, landmark: Iterable[NormalizedLandmark] = ()) -> None:
        super().__init__(NormalizedLandmark, landmark)


def _text(field: Field, value: Any) -> str:
    """A field as messages print it."""
    if not field.is_repeated:
        return f"{field.name}: {value:.7g}\n"
    return "".join(f"{field.name} {{\n{textwrap.indent(str(each), '  ')}}}\n" for each in value)
