"""The live page: a browser's camera in; skeleton, angles and repetitions out; one socket each.

Pictures are worked on in memory and forgotten; nothing is stored.
"""

from blazepose.errors import MissingExtraError

try:
    from blazepose.web.app import create_app
    from blazepose.web.server import Server
except ModuleNotFoundError as error:
    raise MissingExtraError("the live page", "web") from error

from blazepose.web.guard import Guard, is_loopback
from blazepose.web.options import NONE, Limits, Options, check_exercise
from blazepose.web.session import Session, TrackingSession

__all__ = [
    "NONE",
    "Guard",
    "Limits",
    "Options",
    "Server",
    "Session",
    "TrackingSession",
    "check_exercise",
    "create_app",
    "is_loopback",
]
