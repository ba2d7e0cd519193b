"""Importing OpenVINO so that it reports to nobody, and without its converter.

Its Python package sends a usage event at import, and again at each model conversion, unless the
package `openvino_telemetry` is missing. This package sends nothing to anybody, so OpenVINO is
imported through here, as if that one were missing. The converter of other frameworks' models takes
a third of the import and is loaded when somebody asks for it. Its NumPy part is woken up here, too:
where two threads do that at the same time, as when two networks are opened side by side, each can
wait for the other for ever.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

_REPORTER, _CONVERTER = "openvino_telemetry", "openvino.tools.ovc"


@contextmanager
def without(*modules: str) -> Iterator[None]:
    """While it lasts, an import finds none of these modules, if they are not loaded yet.

    OpenVINO has a stub of its own for a missing reporter, and does without a missing converter.
    """
    absent = [name for name in modules if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]  # makes importing it fail
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def _converter(name: str) -> Any:
    """OpenVINO's `convert_model`, for whoever else uses it in this process."""
    if name != "convert_model":
        raise AttributeError(f"module 'openvino' has no attribute {name!r}")
    with without(_REPORTER):
        from openvino.tools.ovc import convert_model
    return convert_model


with without(_REPORTER, _CONVERTER):
    import openvino

openvino.Tensor(np.zeros(1, np.float32)).data  # noqa: B018  # see above

if not hasattr(openvino, "convert_model"):
    openvino.__getattr__ = _converter

__all__ = ["openvino"]
