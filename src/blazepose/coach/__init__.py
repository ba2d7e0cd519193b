"""Coach: what a body does over time, counted and judged; poses in, numbers and words out.

Knows neither networks nor pictures. Exercises are data (`exercises`), so a new one needs no code.
"""

from blazepose.coach.analysis import Analysis, analyze
from blazepose.coach.angles import ANGLES, Angles, clip_angles, joint_angles, pose_angles
from blazepose.coach.counter import Counter
from blazepose.coach.exercises import AUTO, MOVES, UNKNOWN, find_move
from blazepose.coach.moves import Gate, Move, Rule, Signal, Still
from blazepose.coach.results import Hold, Remark, Repetition, State

__all__ = [
    "ANGLES",
    "AUTO",
    "MOVES",
    "UNKNOWN",
    "Analysis",
    "Angles",
    "Counter",
    "Gate",
    "Hold",
    "Move",
    "Remark",
    "Repetition",
    "Rule",
    "Signal",
    "State",
    "Still",
    "analyze",
    "clip_angles",
    "find_move",
    "joint_angles",
    "pose_angles",
]
