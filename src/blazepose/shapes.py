"""Shapes of arrays in annotations, as jaxtyping writes them: `Float32[np.ndarray, "K 3"]`.

They are for readers, for mypy and for the tests, where jaxtyping checks every call. Elsewhere they
are not looked at, and importing jaxtyping would take a tenth of the time to the first pose.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

__all__ = [
    "Bool",
    "Float",
    "Float16",
    "Float32",
    "Float64",
    "Int",
    "Int32",
    "Int64",
    "Shaped",
    "UInt8",
]

if TYPE_CHECKING or "jaxtyping" in sys.modules:
    from jaxtyping import Bool, Float, Float16, Float32, Float64, Int, Int32, Int64, Shaped, UInt8
else:

    class _Unchecked:
        """Stands where jaxtyping's types would."""

        def __class_getitem__(cls, shape: Any) -> Any:
            return Any

    Bool = Float = Float16 = Float32 = Float64 = Int = Int32 = Int64 = Shaped = UInt8 = _Unchecked
