"""Write a network as ONNX: any batch size, weights in float32 or float16."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from blazepose.aside import aside
from blazepose.errors import MissingExtraError
from blazepose.weights.checkpoint import Checkpoint, describe
from blazepose.weights.description import KEY
from blazepose.weights.layout import INPUT, FileLayout
from blazepose.weights.quiet import quiet

_OPSET = 18


def export_onnx(checkpoint: Checkpoint, path: Path, *, half: bool = False) -> None:
    """Write NAME.onnx.

    Args:
        checkpoint: what to write.
        path: of the file.
        half: store weights in float16; they are widened when the file is loaded, and inputs,
            outputs and arithmetic stay float32.

    Raises:
        MissingExtraError: onnx or onnxscript is not installed.
        OutputError: the file cannot be written.
    """
    model = onnx_model(checkpoint, half=half)
    with aside(path) as part:
        part.write_bytes(model.SerializeToString())


def onnx_model(checkpoint: Checkpoint, *, half: bool = False) -> Any:
    """The same as a `ModelProto`."""
    try:
        import onnx
        import onnxscript  # noqa: F401  PyTorch's exporter needs it
    except ImportError as error:
        raise MissingExtraError("writing ONNX", "export") from error
    layout = FileLayout(checkpoint.network)
    with quiet():
        program = torch.onnx.export(
            layout,
            (layout.example(batch=2),),  # a batch of 1 would be taken for a constant
            input_names=[INPUT],
            output_names=list(layout.names),
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            opset_version=_OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # it is only None where a file name was given
    model = program.model_proto
    onnx.helper.set_model_props(model, {KEY: json.dumps(describe(checkpoint))})
    if half:
        _store_half(model)
    return model


def _store_half(model: Any) -> None:
    """Keep float32 weights as float16, with a Cast that runtimes fold away when they load.

    Biases stay: they are a hundredth of the size, and would cost as much accuracy as the rest.
    """
    from onnx import TensorProto, helper, numpy_helper

    graph, casts = model.graph, []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type == TensorProto.FLOAT and values.ndim > 1:
            wide, tensor.name = tensor.name, f"{tensor.name}_half"
            half = numpy_helper.from_array(values.astype(np.float16), tensor.name)
            tensor.CopyFrom(half)
            casts.append(helper.make_node("Cast", [tensor.name], [wide], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
