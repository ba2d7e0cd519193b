"""Write a network for Apple's devices: NAME.mlpackage, a folder.

Conversion works on any system; running the result needs macOS or iOS.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import torch

from blazepose.errors import MissingExtraError, OutputError
from blazepose.weights.checkpoint import Checkpoint, describe
from blazepose.weights.description import KEY
from blazepose.weights.layout import INPUT, FileLayout
from blazepose.weights.quiet import quiet


def export_coreml(checkpoint: Checkpoint, path: Path, *, half: bool = False) -> None:
    """Write NAME.mlpackage, for a batch of one and iOS 16, macOS 13 or newer.

    Args:
        checkpoint: what to write.
        path: of the folder; one that is there is replaced.
        half: weights and arithmetic in float16, else in float32.

    Raises:
        MissingExtraError: coremltools is not installed.
        OutputError: the folder cannot be written.
    """
    layout = FileLayout(checkpoint.network)
    with quiet():
        try:
            import coremltools as ct
        except ImportError as error:
            raise MissingExtraError("writing CoreML", "coreml") from error
        example = layout.example()
        model = ct.convert(
            torch.jit.trace(layout, example),  # type: ignore[no-untyped-call]
            inputs=[ct.TensorType(INPUT, tuple(example.shape))],
            outputs=[ct.TensorType(name) for name in layout.names],
            compute_precision=ct.precision.FLOAT16 if half else ct.precision.FLOAT32,
            minimum_deployment_target=ct.target.iOS16,
            skip_model_load=True,
        )
    model.user_defined_metadata[KEY] = json.dumps(describe(checkpoint))
    try:
        with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
            made = Path(folder) / path.name
            model.save(str(made))
            if path.exists():
                shutil.rmtree(path)
            made.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from error
