"""Where a run runs: versions, processor, devices."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import datetime, timezone
from typing import Any

import torch
from lightning_fabric import Fabric

from blazepose.no_telemetry import openvino

_PACKAGES = ("blazepose", "torch", "lightning-fabric", "numpy", "opencv-python-headless")


def environment(fabric: Fabric, *, precision: str) -> dict[str, Any]:
    """What the speed and the last digits of a run depend on, as plain values.

    Args:
        fabric: launched.
        precision: as Lightning Fabric names them.
    """
    return {
        "started": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "processor": openvino.Core().get_property("CPU", "FULL_DEVICE_NAME"),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": _device(fabric.device),
        "processes": fabric.world_size,
        "precision": precision,
    }


def _device(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
