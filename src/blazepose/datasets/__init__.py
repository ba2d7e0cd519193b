"""Annotation files -> `Sample`: one reader per format, nothing about training or models."""

from blazepose.datasets.broken import OnBroken
from blazepose.datasets.lessons import Lessons
from blazepose.datasets.lsp import read_lsp, read_lspet
from blazepose.datasets.sample import HIDDEN, UNLABELLED, VISIBLE, Sample
from blazepose.datasets.yolo import read_yolo

__all__ = [
    "HIDDEN",
    "UNLABELLED",
    "VISIBLE",
    "Lessons",
    "OnBroken",
    "Sample",
    "read_lsp",
    "read_lspet",
    "read_yolo",
]
