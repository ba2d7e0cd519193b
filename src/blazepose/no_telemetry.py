"""Importing OpenVINO so that it reports to nobody.

Its Python package sends a usage event at import, and again at each model conversion, unless the
package `openvino_telemetry` is missing. This package sends nothing to anybody, so OpenVINO is
imported through here, as if that one were missing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_REPORTER = "openvino_telemetry"


@contextmanager
def without_telemetry() -> Iterator[None]:
    """While it lasts, an import of OpenVINO finds no telemetry package and uses its own stub."""
    absent = _REPORTER not in sys.modules
    if absent:
        sys.modules[_REPORTER] = None  # type: ignore[assignment]  # makes importing it fail
    try:
        yield
    finally:
        if absent:
            del sys.modules[_REPORTER]


with without_telemetry():
    import openvino

__all__ = ["openvino"]
