"""Errors that scripts catch as those of MediaPipe: a `RuntimeError`, too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from blazepose.errors import ModelError, SourceError


class UnusableModelError(ModelError, RuntimeError):
    """A model that is missing or damaged."""


class UnreadablePictureError(SourceError, RuntimeError):
    """A picture that is missing or damaged."""


@contextmanager
def as_runtime_errors() -> Iterator[None]:
    """Raise our errors about models and pictures as what is a `RuntimeError` besides."""
    try:
        yield
    except ModelError as error:
        raise UnusableModelError(*error.args) from error
    except SourceError as error:
        raise UnreadablePictureError(*error.args) from error
