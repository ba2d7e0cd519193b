"""`blazepose import` and `blazepose export`: weights from and into the file formats of others."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from blazepose.aside import made_folder
from blazepose.cli import console
from blazepose.cli.models import pull_progress
from blazepose.errors import MissingExtraError, OutputError, did_you_mean
from blazepose.weights import store
from blazepose.weights.formats import EXPORTS

IMPORT_EXAMPLES = "\n\n".join(
    ("Examples:", "blazepose import full", "blazepose import mine.task --out mine.safetensors")
)
EXPORT_EXAMPLES = "\n\n".join(
    (
        "Examples:",
        "blazepose export full --to onnx",
        "blazepose export run/best.safetensors --to task --half",
    )
)
_CHECKPOINT = ".safetensors"


def import_weights(
    model: Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="Files: .tflite, .task.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write; else NAME.safetensors here.")
    ] = None,
) -> None:
    """Turn released or foreign weights into a checkpoint that can be trained."""
    _need_torch()
    from blazepose.weights.checkpoint import save_checkpoint
    from blazepose.weights.load import load_network

    file = _file(model)
    goal = _goal(out, file, _CHECKPOINT)
    checkpoint = load_network(file)
    save_checkpoint(checkpoint, goal)
    _tell(goal, f"{checkpoint.name}, {len(checkpoint.skeleton)} points")


def export_model(
    model: Annotated[
        str, typer.Argument(metavar="NAME_OR_FILE", help="Files: .safetensors, .tflite, .task.")
    ],
    to: Annotated[str, typer.Option(help=f"One of {', '.join(EXPORTS)}.")],
    out: Annotated[Path | None, typer.Option(help="Where to write; else NAME.SUFFIX here.")] = None,
    half: Annotated[
        bool, typer.Option("--half", help="Weights in float16: half the size.")
    ] = False,
    detector: Annotated[
        str, typer.Option(help="For --to task: the person detector, a name or a file.")
    ] = "detector",
) -> None:
    """Write a network in the format of another runtime; a .task bundle is read by MediaPipe."""
    if to not in EXPORTS:
        raise typer.BadParameter(f"unknown format {to!r}: {did_you_mean(to, EXPORTS)}")
    _need_torch()
    from blazepose.weights.export import export, export_task
    from blazepose.weights.load import load_network

    file = _file(model)
    goal = _goal(out, file, EXPORTS[to])
    made_folder(goal.parent)  # converting takes long, so what cannot be written is told first
    checkpoint = load_network(file)
    if to == "task":
        export_task(checkpoint, goal, detector=load_network(_file(detector)), half=half)
    else:
        export(checkpoint, goal, to=to, half=half)
    _tell(goal, f"{checkpoint.name}, {'float16' if half else 'float32'} weights")


def _goal(out: Path | None, file: Path, suffix: str) -> Path:
    """What is written, by whose suffix readers know it; it must not be the file that is read."""
    goal = out or Path(file.stem + suffix)
    if goal.suffix.lower() != suffix:
        raise typer.BadParameter(f"--out: expected a name with {suffix}, got {goal}")
    if goal.resolve() == file.resolve():
        raise OutputError(f"{goal} would replace the file that is read: choose another with --out")
    return goal


def _file(model: str) -> Path:
    """A file as given, or the released one of that name."""
    with pull_progress() as report:
        return store.resolve(model, on_progress=report)


def _need_torch() -> None:
    try:
        import blazepose.weights.load  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("converting weights", "export") from error


def _tell(file: Path, what: str) -> None:
    console.out.print(f"{escape(str(file))}  {what}")
