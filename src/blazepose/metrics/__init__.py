"""Measures that judge poses against labels: numbers in, numbers out.

Knows neither data sets nor models. A person that was not found is a row of NaN and wrong in every
labelled keypoint.
"""

from blazepose.metrics.keypoints import (
    auc,
    pck,
    pck_curve,
    pck_per_joint,
    pdj,
    relative_error,
    visibility_accuracy,
)
from blazepose.metrics.oks import oks, person_area, sigmas
from blazepose.metrics.precision import (
    AveragePrecision,
    ImagePeople,
    average_precision,
    can_average,
)
from blazepose.metrics.scales import box_size, head_size, torso_size
from blazepose.metrics.space import mpjpe, pa_mpjpe

__all__ = [
    "AveragePrecision",
    "ImagePeople",
    "auc",
    "average_precision",
    "box_size",
    "can_average",
    "head_size",
    "mpjpe",
    "oks",
    "pa_mpjpe",
    "pck",
    "pck_curve",
    "pck_per_joint",
    "pdj",
    "person_area",
    "relative_error",
    "sigmas",
    "torso_size",
    "visibility_accuracy",
]
