"""Systems side by side on this machine, in one run: speed, start-up, memory, size, accuracy.

Each system is a worker process that answers the same requests (`workers.serve`), ours too; nothing
of a peer is ever imported here. Accuracy is judged by the caller, from the poses of `Outcome`.
"""

from blazepose.bench.figures import Accuracy, Figures, Result, figures
from blazepose.bench.prepare import Ready, prepare
from blazepose.bench.rounds import Outcome, Plan, measure
from blazepose.bench.systems import KINDS, System, parse_command, parse_systems

__all__ = [
    "KINDS",
    "Accuracy",
    "Figures",
    "Outcome",
    "Plan",
    "Ready",
    "Result",
    "System",
    "figures",
    "measure",
    "parse_command",
    "parse_systems",
    "prepare",
]
