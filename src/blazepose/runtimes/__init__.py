"""Runtimes: pictures in, named arrays out, on whatever executes the network.

`load` picks one; each lives in its own file and imports its library only when used.
"""

from blazepose.runtimes.protocol import Network, Precision, Runtime, SideBySide, soon_ready
from blazepose.runtimes.select import RUNTIMES, load, reads

__all__ = [
    "RUNTIMES",
    "Network",
    "Precision",
    "Runtime",
    "SideBySide",
    "load",
    "reads",
    "soon_ready",
]
