"""Losses and scores for TensorBoard; without the package nothing is written, and that is said."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from lightning_fabric.loggers.tensorboard import TensorBoardLogger

from blazepose.shapes import UInt8
from blazepose.train.progress import Progress

_EVERY = 20  # steps
_LOG = logging.getLogger(__name__)


class Board:
    """Event files in the folder `tensorboard` of a run: `tensorboard --logdir FOLDER`."""

    def __init__(self, folder: Path) -> None:
        self._logger: TensorBoardLogger | None = None
        self._epoch = ("", 0)
        self._batch, self._sums = 0, dict[str, float]()  # at the last note, in this epoch
        try:
            self._logger = TensorBoardLogger(folder, name="tensorboard", version="")
        except ModuleNotFoundError:
            _LOG.warning("no curves for TensorBoard: pip install tensorboard to have them")

    def note_step(self, progress: Progress) -> None:
        """Every 20 steps, the means of the losses since the last time in this epoch."""
        if progress.step % _EVERY or self._logger is None:
            return
        if self._epoch != (epoch := (progress.phase, progress.epoch)):
            self._epoch, self._batch, self._sums = epoch, 0, {}
        sums = {name: mean * progress.batch for name, mean in progress.losses.items()}
        steps = progress.batch - self._batch
        means = {f"step/{k}": (v - self._sums.get(k, 0.0)) / steps for k, v in sums.items()}
        self._logger.log_metrics(means, progress.step)
        self._batch, self._sums = progress.batch, sums

    def note_epoch(self, progress: Progress) -> None:
        """What the epoch's row of history says."""
        if self._logger is None or progress.row is None:
            return
        words = {k: v for k, v in progress.row.items() if k not in ("phase", "epoch")}
        tags = {
            f"{'epoch' if k in progress.losses else 'validation'}/{k}": v for k, v in words.items()
        }
        self._logger.log_metrics(tags, progress.step)

    def note_picture(self, picture: UInt8[np.ndarray, "H W 3"], step: int) -> None:
        """The predictions after a step."""
        if self._logger is not None:
            self._logger.experiment.add_image("predictions", picture, step, dataformats="HWC")

    def close(self) -> None:
        """Write what is still waiting."""
        if self._logger is not None:
            self._logger.finalize("success")
