"""The TFLite metadata that MediaPipe's task API reads: how pixels become numbers.

The tables of google's metadata_schema.fbs are written field by field (the numbers below are the
fields' places in it), because the package that could write them is no longer maintained.
"""

from __future__ import annotations

from collections.abc import Sequence

import flatbuffers

NAME = "TFLITE_METADATA"
_IDENTIFIER = b"M001"
_NORMALIZATION, _IMAGE, _RGB = 1, 2, 1  # members of unions and enums


def image_metadata(*, mean: float, std: float, outputs: Sequence[str]) -> bytes:
    """Metadata of a network with one RGB image as input.

    Args:
        mean: the network sees (pixel - mean) / std of pixels 0..255.
        std: see `mean`.
        outputs: names of the outputs, in order.
    """
    builder = flatbuffers.Builder(512)
    image = _input_tensor(builder, mean, std)
    results = [_table(builder, {0: builder.CreateString(name)}) for name in outputs]
    graph = _table(builder, {2: _vector(builder, [image]), 3: _vector(builder, results)})
    model = _table(builder, {3: _vector(builder, [graph])})
    builder.Finish(model, _IDENTIFIER)
    return bytes(builder.Output())


def _input_tensor(builder: flatbuffers.Builder, mean: float, std: float) -> int:
    image_properties = _table(builder, {}, numbers={0: _RGB})
    content = _table(builder, {1: image_properties}, numbers={0: _IMAGE})
    options = _table(builder, {0: _floats(builder, mean), 1: _floats(builder, std)})
    unit = _table(builder, {1: options}, numbers={0: _NORMALIZATION})
    name = builder.CreateString("image")
    return _table(builder, {0: name, 3: content, 4: _vector(builder, [unit])})


def _floats(builder: flatbuffers.Builder, value: float) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return int(builder.EndVector())


def _vector(builder: flatbuffers.Builder, tables: Sequence[int]) -> int:
    builder.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        builder.PrependUOffsetTRelative(table)
    return int(builder.EndVector())


def _table(
    builder: flatbuffers.Builder, offsets: dict[int, int], numbers: dict[int, int] | None = None
) -> int:
    """A table with references and one-byte numbers at these places."""
    numbers = numbers or {}
    builder.StartObject(1 + max([*offsets, *numbers]))
    for place, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(place, offset, 0)
    for place, number in numbers.items():
        builder.PrependUint8Slot(place, number, 0)
    return int(builder.EndObject())
