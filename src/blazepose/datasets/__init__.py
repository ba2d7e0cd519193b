"""Annotation files -> `Sample`: one reader per format, nothing about training or models."""

from blazepose.datasets.lsp import read_lsp
from blazepose.datasets.sample import HIDDEN, UNLABELLED, VISIBLE, Sample
from blazepose.datasets.yolo import read_yolo

__all__ = ["HIDDEN", "UNLABELLED", "VISIBLE", "Sample", "read_lsp", "read_yolo"]
