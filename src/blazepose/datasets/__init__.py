"""Annotation files -> `Sample`: one reader per format, nothing about training or models."""

from blazepose.datasets.alignable import alignable, labelled_region
from blazepose.datasets.broken import OnBroken
from blazepose.datasets.coco import read_coco
from blazepose.datasets.lessons import Lessons
from blazepose.datasets.lsp import read_lsp, read_lspet
from blazepose.datasets.mpii import read_mpii
from blazepose.datasets.open import FORMATS, read
from blazepose.datasets.poses import read_pose_labels
from blazepose.datasets.sample import HIDDEN, UNLABELLED, VISIBLE, Sample
from blazepose.datasets.split import Split
from blazepose.datasets.voc import read_voc
from blazepose.datasets.yolo import read_yolo

__all__ = [
    "FORMATS",
    "HIDDEN",
    "UNLABELLED",
    "VISIBLE",
    "Lessons",
    "OnBroken",
    "Sample",
    "Split",
    "alignable",
    "labelled_region",
    "read",
    "read_coco",
    "read_lsp",
    "read_lspet",
    "read_mpii",
    "read_pose_labels",
    "read_voc",
    "read_yolo",
]
