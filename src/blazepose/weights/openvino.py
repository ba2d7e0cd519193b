"""Write a network as OpenVINO IR: NAME.xml with NAME.bin beside it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from blazepose.errors import OutputError
from blazepose.no_telemetry import openvino as ov
from blazepose.weights.checkpoint import Checkpoint, describe
from blazepose.weights.description import KEY
from blazepose.weights.onnx import onnx_model


def export_openvino(checkpoint: Checkpoint, path: Path, *, half: bool = False) -> None:
    """Write NAME.xml and NAME.bin.

    Args:
        checkpoint: what to write.
        path: of the .xml file.
        half: store weights in float16.

    Raises:
        MissingExtraError: onnx or onnxscript is not installed.
        OutputError: the files cannot be written.
    """
    serialized = onnx_model(checkpoint, half=half).SerializeToString()
    model = ov.Core().read_model(serialized, b"")
    model.set_rt_info(json.dumps(describe(checkpoint)), [KEY])
    # OpenVINO itself names the second file, so both are made in a folder of their own.
    try:
        with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
            made = Path(folder) / path.name
            ov.save_model(model, made, compress_to_fp16=False)  # halved above, all but the biases
            made.with_suffix(".bin").replace(path.with_suffix(".bin"))
            made.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
