"""Frames and photos to poses: detector, landmark network, and who is followed from one to next."""

from blazepose.track.people import People, most_of
from blazepose.track.search import Estimator, estimate
from blazepose.track.tracker import Tracker

__all__ = ["Estimator", "People", "Tracker", "estimate", "most_of"]
