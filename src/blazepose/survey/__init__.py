"""Looking through a data set: what is in it, what is wrong with it, and mending that."""

from blazepose.survey.clean import Cleaned, clean
from blazepose.survey.finding import Finding
from blazepose.survey.report import Survey, survey
from blazepose.survey.sizes import image_sizes
from blazepose.survey.teacher import Teacher

__all__ = ["Cleaned", "Finding", "Survey", "Teacher", "clean", "image_sizes", "survey"]
