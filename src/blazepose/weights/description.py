"""What a file of ours says of itself: the network it holds, and the names of its points.

JSON under one key in the file's own metadata, whatever its format. Knows nothing of PyTorch, nor of
the libraries that write the formats, because tracking needs none of them.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

from blazepose.errors import ModelError
from blazepose.skeleton import Skeleton

KEY = "blazepose"
"""Of the description in the metadata of every file that we write."""

# Numbers of fields in the tables of TensorFlow's schema.fbs.
_BUFFERS, _METADATA = 4, 6  # of Model
_NAME, _BUFFER = 0, 1  # of Metadata
_DATA = 0  # of Buffer


def skeleton_of(text: str | bytes, *, name: str) -> Skeleton:
    """The skeleton in a description.

    Args:
        text: JSON, as `checkpoint.describe` makes it.
        name: what the user calls the file.

    Raises:
        ModelError: the text is no description.
    """
    try:
        return Skeleton.from_json(json.loads(text)["skeleton"])
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"cannot read {name}: what it says of its points is damaged; export it again"
        ) from error


def network_of(text: str | bytes, *, name: str) -> str:
    """The network that a description names; arguments and errors as in `skeleton_of`."""
    try:
        return str(json.loads(text)["network"])
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(
            f"cannot read {name}: what it says of its network is damaged; export it again"
        ) from error


def said_by_checkpoint(path: Path) -> str | None:
    """The description in a .safetensors file; None where it has none, or is no such file."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            said = json.loads(file.read(min(length, path.stat().st_size)))
        return str(said["__metadata__"][KEY])
    except (struct.error, ValueError, TypeError, KeyError):
        return None


def said_by_tflite(path: Path) -> bytes | None:
    """The description in a .tflite file; None where it has none, or is no such file."""
    data = path.read_bytes()
    try:
        model = _follow(data, 0)
        for entry in _tables(data, model, _METADATA):
            if _bytes(data, entry, _NAME) == KEY.encode():
                place = _field(data, entry, _BUFFER)
                number = _uint32(data, place) if place else 0
                return _bytes(data, _tables(data, model, _BUFFERS)[number], _DATA)
    except (struct.error, IndexError):
        pass
    return None


# FlatBuffers: https://flatbuffers.dev/internals/, section "Encoding".


def _tables(data: bytes, table: int, number: int) -> list[int]:
    """Places of the tables in a field that is a vector of them."""
    start, count = _vector(data, table, number)
    return [_follow(data, start + 4 * i) for i in range(count)]


def _bytes(data: bytes, table: int, number: int) -> bytes:
    """A field that is a vector of bytes, or a string."""
    start, count = _vector(data, table, number)
    return data[start : start + count]


def _vector(data: bytes, table: int, number: int) -> tuple[int, int]:
    """Place of a vector's first element, and how many there are."""
    place = _field(data, table, number)
    if place is None:
        return 0, 0
    start = _follow(data, place)
    return start + 4, _uint32(data, start)


def _field(data: bytes, table: int, number: int) -> int | None:
    """Place of a field; None where it is left out."""
    (back,) = struct.unpack_from("<i", data, table)
    (length,) = struct.unpack_from("<H", data, table - back)
    entry = 4 + 2 * number
    offset = struct.unpack_from("<H", data, table - back + entry)[0] if entry < length else 0
    return table + offset if offset else None


def _follow(data: bytes, place: int) -> int:
    return place + _uint32(data, place)


def _uint32(data: bytes, place: int) -> int:
    return int(struct.unpack_from("<I", data, place)[0])
