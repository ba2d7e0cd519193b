"""The errors a user can meet.

Every one says what was expected, what came and what to do, in one line. `ValueError` and
`TypeError` are raised for wrong arguments in Python code; "nobody there" is a value (`[]`), never
an error.
"""

import difflib
from collections.abc import Iterable


class BlazePoseError(Exception):
    """Base of all errors of this package; the command line ends with exit code 2 on one."""


class SourceError(BlazePoseError):
    """An image, video, folder, camera or stream that cannot be read."""


class OutputError(BlazePoseError):
    """A result that cannot be written: no permission, disk full, unknown format."""


class ModelError(BlazePoseError):
    """A model that is unknown, damaged, foreign, or does not fit its use."""


class RecipeError(BlazePoseError):
    """A training recipe with an unknown key or a value that cannot be."""


class TrainingError(BlazePoseError):
    """A training run that cannot start or go on: no data, other data, a loss that diverges."""


class DownloadError(BlazePoseError):
    """A file that none of its sources gives."""


class MissingExtraError(BlazePoseError):
    """A part of the package that needs an optional dependency."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)  # as they came: an error out of another process is made anew

    def __str__(self) -> str:
        what, extra = self.args
        return f"{what} needs an extra package: pip install 'blazepose[{extra}]'"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of an error message about an unknown name: near matches, then all names.

    >>> did_you_mean("ful", ["lite", "full", "heavy"])
    "did you mean 'full'? Known: lite, full, heavy"
    """
    names = list(known)
    near = difflib.get_close_matches(word, names, n=2, cutoff=0.5)
    hint = "did you mean " + " or ".join(repr(name) for name in near) + "? " if near else ""
    return f"{hint}Known: {', '.join(names)}"
