"""Judging models, and the predictions of others, on labelled images."""

from blazepose.evaluate.finders import Aligned, Answer, Finder, FromFile, Search, open_finder
from blazepose.evaluate.judge import Evaluation, Judged, evaluate
from blazepose.evaluate.report import write_report
from blazepose.evaluate.score import Scores, Subject, counted_joints, score

__all__ = [
    "Aligned",
    "Answer",
    "Evaluation",
    "Finder",
    "FromFile",
    "Judged",
    "Scores",
    "Search",
    "Subject",
    "counted_joints",
    "evaluate",
    "open_finder",
    "score",
    "write_report",
]
