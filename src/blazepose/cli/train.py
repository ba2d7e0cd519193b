"""`blazepose train`: from a recipe to weights."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.logging import RichHandler
from rich.markup import escape

from blazepose.cli import console, progress
from blazepose.errors import MissingExtraError, TrainingError

if TYPE_CHECKING:
    from rich.progress import Progress

    from blazepose.train.progress import Progress as Step

EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose train recipes/finetune-full.toml --data my-data",
        "blazepose train recipes/hundred-photos.toml --data my-data --out runs/mine",
        "blazepose track clip.mp4 --model runs/mine/best.safetensors",
    )
)
_NEEDED = ("torch", "lightning_fabric", "pydantic", "safetensors")


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe (.toml).")],
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the recipe's data sets lie; else beside it."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the run; runs/RECIPE by default."),
    ] = None,
) -> None:
    """Train or fine-tune a network as a recipe says.

    A run that was broken off, by Ctrl-C too, goes on where it was: give the same command again.
    """
    if not all(importlib.util.find_spec(name) for name in _NEEDED):
        raise MissingExtraError("training", "train")
    from blazepose.fit import fit
    from blazepose.train.devices import is_first_process

    folder = out or Path("runs") / recipe.stem
    bars = _Bars(shown=is_first_process())
    with _told_in(bars.display):
        try:
            best = fit(recipe, folder, data=data, watch=bars.step, told=bars.prepare)
        except KeyboardInterrupt:
            console.err.print(f"stopped; give the same command again to go on: {folder}")
            raise
        except MemoryError as error:
            raise TrainingError("out of memory: choose a smaller batch in the recipe") from error
    if is_first_process():
        console.out.print(f"trained: {best}")
        console.out.print(f"try it:  blazepose track CLIP --model {best}")


class _Bars:
    """What is seen while preparing and training."""

    def __init__(self, *, shown: bool = True) -> None:
        self.display = progress.bars(shown=shown)
        self._what = ""
        self._task = self.display.add_task("", total=None, visible=False, note="")

    def prepare(self, what: str, done: int, total: int) -> None:
        """Show a step of preparation."""
        self._show(what, done, total, "")

    def step(self, step: Step) -> None:
        """Show a step of training; an epoch's end stays on the screen as a line."""
        note = f"loss {step.losses.get('loss', 0):.3f}  {step.images_per_s:.0f} images/s"
        what = f"{step.phase} {step.epoch}/{step.epochs}"
        self._show(what, step.batch, step.batches, note)
        if step.row:
            scores = "  ".join(f"{k} {step.row[k]:.4g}" for k in ("pck", "error") if k in step.row)
            console.err.print(f"{what}  {note}  {scores}")

    def _show(self, what: str, done: int, total: int, note: str) -> None:
        if what != self._what:
            self._what = what
            self.display.reset(self._task, description=escape(what), visible=True)
        self.display.update(self._task, completed=done, total=total, note=note)


@contextmanager
def _told_in(display: Progress) -> Iterator[None]:
    """Show the bars, and what the library has to say above them."""
    logger = logging.getLogger("blazepose")
    level, handler = logger.level, RichHandler(console=display.console, show_path=False)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False  # else the root's handler tells it again
    try:
        with display:
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = True
        logger.setLevel(level)
