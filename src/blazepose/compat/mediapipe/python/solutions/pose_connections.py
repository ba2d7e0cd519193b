"""Which landmarks a line connects."""

from blazepose.skeleton import BLAZEPOSE33

POSE_CONNECTIONS = frozenset((min(edge), max(edge)) for edge in BLAZEPOSE33.edges)
"""Pairs of landmark numbers, the lower one first."""
