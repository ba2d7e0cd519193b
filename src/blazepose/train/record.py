"""What a run leaves in its folder besides weights: where it ran, on what, how it went, a card.

The run comes first: what cannot be drawn or written while it trains is told once and left out.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from blazepose.aside import aside
from blazepose.errors import BlazePoseError
from blazepose.train.board import Board
from blazepose.train.card import model_card
from blazepose.train.curves import Row, best_row, save_curves
from blazepose.train.examples import Example
from blazepose.train.loader import Crops
from blazepose.train.pictures import prediction_sheet, telling_rows, training_sheet
from blazepose.train.progress import Progress
from blazepose.train.recipe import Recipe
from blazepose.train.share import Share
from blazepose.train.validate import Validation
from blazepose.video import write_image
from blazepose.weights.checkpoint import Checkpoint

_CROPS = 24  # in data.png
_PEOPLE = 12  # in predictions.png
_SHEETS = 10  # how often predictions.png is drawn, about
_LOG = logging.getLogger(__name__)


class Record:
    """Keeps a run's folder up to date: begun once, then called as a `Watch`, then closed.

    environment.json, data.json and data.png are of the beginning; metrics.json, card.md and
    curves.png of every epoch; predictions.png of every few; `tensorboard` of every few steps.
    """

    def __init__(
        self,
        recipe: Recipe,
        start: Checkpoint,
        folder: Path,
        *,
        train: Sequence[Share],
        validate: Sequence[Share],
    ) -> None:
        """Prepare to write; nothing is written yet.

        Args:
            recipe: of the run.
            start: the network it begins with.
            folder: of the run, with recipe.toml.
            train: what is learned from.
            validate: what is judged by.
        """
        self._recipe, self._start, self._folder = recipe, start, folder
        self._train, self._validate = (_Side(shares, start) for shares in (train, validate))
        self._board = Board(folder)
        self._failed: set[str] = set()

    def begin(self, environment: dict[str, Any]) -> None:
        """Write down where the run runs, and on what.

        Raises:
            OutputError: the folder cannot be written.
        """
        self._write_json("environment.json", environment)
        sides = {"train": self._train, "validate": self._validate}
        accounts = {name: [asdict(a) for a in side.accounts] for name, side in sides.items()}
        self._write_json("data.json", accounts)
        self._try("data.png", self._draw_data)

    def __call__(self, progress: Progress) -> None:
        """Take note of a step or of an epoch."""
        if progress.row is None:
            self._try("tensorboard", lambda: self._board.note_step(progress))
            return
        history = [json.loads(line) for line in self._read("history.jsonl").splitlines()]
        self._try("tensorboard", lambda: self._board.note_epoch(progress))
        self._try("metrics.json", lambda: self._write_json("metrics.json", _metrics(history)))
        self._try("card.md", lambda: self._write("card.md", self._card(history)))
        self._try("curves.png", lambda: save_curves(self._folder / "curves.png", history))
        if self._is_due(len(history)):
            self._try("predictions.png", lambda: self._draw_predictions(progress))

    def close(self) -> None:
        """Finish the files of TensorBoard."""
        self._try("tensorboard", self._board.close)

    def _try(self, what: str, write: Callable[[], None]) -> None:
        try:
            write()
        except (BlazePoseError, OSError, ValueError) as error:
            if what not in self._failed:
                _LOG.warning("training goes on without %s: %s", what, error)
            self._failed.add(what)

    def _is_due(self, epochs: int) -> bool:
        total = sum(phase.epochs for phase in self._recipe.phases)
        return epochs == total or (epochs - 1) % max(total // _SHEETS, 1) == 0

    def _draw_data(self) -> None:
        """Some people at random, varied as the network gets them."""
        examples, skeleton = self._train.examples, self._start.skeleton
        varied = any(phase.augment for phase in self._recipe.phases)
        crops = self._crops(examples, varied=varied)
        seed = self._recipe.seed
        chosen = np.random.default_rng(seed).permutation(len(examples))[:_CROPS].tolist()
        sheet = training_sheet(
            [crops[seed, 0, number] for number in chosen],
            [examples[number].image.name for number in chosen],
            skeleton,
        )
        write_image(self._folder / "data.png", sheet)

    def _draw_predictions(self, progress: Progress) -> None:
        validation = progress.validation
        if validation is None:
            return
        examples, rows = self._validate.examples, self._people(validation)
        crops = self._crops(examples, varied=False)
        items = [validation.items[row] for row in rows]
        sheet = prediction_sheet(
            [crops[0, 0, item].image for item in items],
            [examples[item].image.name for item in items],
            validation,
            rows,
            self._start.skeleton,
        )
        write_image(self._folder / "predictions.png", sheet)
        self._board.note_picture(sheet, progress.step)

    def _people(self, validation: Validation) -> list[int]:
        """Rows of the people in predictions.png: chosen once, also for a run that goes on."""
        file = self._folder / "predictions.json"
        if not file.exists():
            self._write_json(file.name, telling_rows(validation, count=_PEOPLE))
        rows = (int(row) for row in json.loads(self._read(file.name)))
        return [row for row in rows if row < len(validation.items)]  # the data may have changed

    def _crops(self, examples: Sequence[Example], *, varied: bool) -> Crops:
        return Crops(
            examples,
            self._start.skeleton,
            augment=self._recipe.augment if varied else None,
            whole=self._recipe.roi == "whole",
            substitute=varied,
        )

    def _card(self, history: Sequence[Row]) -> str:
        return model_card(
            self._start,
            self._recipe,
            text=self._read("recipe.toml"),
            train=self._train.accounts,
            validate=self._validate.accounts,
            history=history,
        )

    def _read(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")

    def _write(self, name: str, text: str) -> None:
        with aside(self._folder / name) as part:
            part.write_text(text, encoding="utf-8")

    def _write_json(self, name: str, content: Any) -> None:
        self._write(name, json.dumps(content, indent=1) + "\n")


class _Side:
    """What is learned from, or what is judged by."""

    def __init__(self, shares: Sequence[Share], start: Checkpoint) -> None:
        self.accounts = [share.account(start.skeleton) for share in shares]
        self.examples = [example for share in shares for example in share.examples]


def _metrics(history: Sequence[Row]) -> dict[str, Any]:
    best = best_row(history)
    return {"epochs": len(history), "best_epoch": history.index(best) + 1, "best": best}
