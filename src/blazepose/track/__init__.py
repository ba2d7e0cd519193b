"""Frames and photos to poses: detector, landmark network, and who is followed from one to next."""

from blazepose.track.choice import Follow, OutsideFrameError, check_inside, checked, choose
from blazepose.track.people import People, most_of
from blazepose.track.search import Estimator, estimate
from blazepose.track.tracker import Tracker

__all__ = [
    "Estimator",
    "Follow",
    "OutsideFrameError",
    "People",
    "Tracker",
    "check_inside",
    "checked",
    "choose",
    "estimate",
    "most_of",
]
