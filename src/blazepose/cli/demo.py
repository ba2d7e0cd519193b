"""`blazepose demo`: the main job on a sample clip, nothing to prepare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from blazepose.annotate import Options, plan
from blazepose.cli.models import pull_progress
from blazepose.cli.track import MODEL_HELP, pull, run_jobs
from blazepose.weights import store

EXAMPLES = "Example:\n\nblazepose demo --out demo"


def demo(
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("blazepose-demo"),
    model: Annotated[str, typer.Option(help=MODEL_HELP)] = "full",
) -> None:
    """Track a person in a sample clip: annotated video, poses.jsonl, a 3-D picture.

    The clip is the demo of Sports2D (BSD-3), fetched once like the models.
    """
    pull(model)
    with pull_progress() as report:
        clip = store.path("demo", on_progress=report)
    options = Options(model=model, fps_on_picture=True)
    raise typer.Exit(run_jobs(plan(clip, out), options))
