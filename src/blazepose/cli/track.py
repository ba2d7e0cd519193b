"""`blazepose track`: annotated media and poses from any source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from blazepose.annotate import Job, Options, Summary, Watcher, annotate, plan
from blazepose.cli.models import pull_progress
from blazepose.errors import OutputError, SourceError, did_you_mean
from blazepose.pose import Frame, Pose
from blazepose.posefile import FORMATS
from blazepose.weights import store

EXAMPLES = (
    "Examples:  blazepose track squat.mp4  ·  blazepose track photos/ --out results --format csv"
    "  ·  blazepose track 0 --model lite (first camera)"
)

_out = Console(soft_wrap=True)
_err = Console(stderr=True, soft_wrap=True)


def track(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="Image, video, folder, glob, camera number or URL."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the results.")] = Path("out"),
    model: Annotated[
        str, typer.Option(help="lite, full, heavy, or a .tflite, .task, .onnx or .xml file.")
    ] = "full",
    formats: Annotated[
        str, typer.Option("--format", help=f"Poses files, with commas: {', '.join(FORMATS)}.")
    ] = "jsonl",
    people: Annotated[int, typer.Option(min=1, max=1, help="How many to follow.")] = 1,
    smooth: Annotated[bool, typer.Option(help="Filter points over time.")] = True,
    refine: Annotated[bool, typer.Option(help="Refine points by their heatmaps.")] = True,
    mask: Annotated[bool, typer.Option("--mask", help="Tint the person.")] = False,
    fps: Annotated[bool, typer.Option("--fps", help="Write the speed on the picture.")] = False,
    print_points: Annotated[
        bool, typer.Option("--print", help="List the named keypoints of each frame.")
    ] = False,
    runtime: Annotated[
        Literal["auto", "openvino", "litert"], typer.Option(help="What runs the networks.")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Processor threads for one network.")
    ] = None,
) -> None:
    """Follow a body through media: annotated picture or video, poses and a 3-D figure."""
    options = Options(
        model=model,
        smooth=smooth,
        mask=mask,
        refine=refine,
        runtime=runtime,
        threads=threads,
        formats=parse_formats(formats),
        fps_on_picture=fps,
    )
    jobs = plan(source, out)
    pull(model)
    summaries = list(run_jobs(jobs, options, print_points=print_points))
    if not summaries:
        raise SourceError(f"none of the {len(jobs)} files could be read")
    if any(summary.interrupted for summary in summaries):
        raise typer.Exit(1)


def parse_formats(text: str) -> tuple[str, ...]:
    """Names of poses formats from a list with commas.

    Raises:
        OutputError: an unknown one.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in FORMATS:
            raise OutputError(f"unknown poses format {name!r}: {did_you_mean(name, FORMATS)}")
    return names


def pull(model: str) -> None:
    """Fetch what a model needs, showing progress."""
    with pull_progress() as report:
        file = store.resolve(model, on_progress=report)
        if file.suffix != ".task":
            store.path("detector", on_progress=report)


def run_jobs(jobs: list[Job], options: Options, *, print_points: bool = False) -> Iterator[Summary]:
    """Run jobs one after the other and tell what came of each; of several, a broken one is told."""
    for job in jobs:
        try:
            with _progress(job, print_points=print_points) as watch:
                summary = annotate(job, options, watch)
        except SourceError as error:
            if len(jobs) == 1:
                raise
            _err.print(f"[red]error:[/red] {escape(str(error))}")
            continue
        tell(summary)
        yield summary
        if summary.interrupted:
            return


def tell(summary: Summary) -> None:
    """What came of a job, for people."""
    frames = "photos" if summary.info.kind == "image" else "frames"
    speed = summary.frames / summary.seconds if summary.seconds else 0
    search_ms = 1e3 * summary.search_seconds / max(summary.frames, 1)
    _out.print(
        f"[bold]{escape(summary.name)}[/bold]: a person in {summary.frames_with_person} of "
        f"{summary.frames} {frames}, {speed:.0f} {frames} per second in all "
        f"({search_ms:.1f} ms each to find the person)"
    )
    for path in summary.outputs[:8]:
        _out.print(f"  {escape(str(path))}")
    if len(summary.outputs) > 8:
        _out.print(f"  and {len(summary.outputs) - 8} more")
    if summary.problem:
        _err.print(f"[yellow]warning:[/yellow] {escape(summary.problem)}")


@contextmanager
def _progress(job: Job, *, print_points: bool) -> Iterator[Watcher]:
    """A bar with speed and time left on stderr, and the keypoints on stdout if asked for."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[fps]:.0f} fps"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task(escape(job.name), total=None, fps=0.0)

        def watch(summary: Summary, frame: Frame, poses: list[Pose], picture: np.ndarray) -> None:
            speed = summary.frames / summary.seconds
            total = summary.info.frame_count
            bar.update(task, completed=summary.frames, total=total, fps=speed)
            if print_points:
                for line in named_points(frame, poses):
                    typer.echo(line)

        yield watch


def named_points(frame: Frame, poses: list[Pose]) -> Iterator[str]:
    """Lines with frame, id, keypoint, x, y, z in px, and visibility."""
    for pose in poses:
        rows = zip(pose.skeleton.names, pose.points, pose.visibility, strict=True)
        for name, (x, y, z), visibility in rows:
            yield (
                f"frame {frame.index:5d}  person {pose.id}  {name:17s}"
                f"  x {x:8.1f}  y {y:8.1f}  z {z:8.1f}  visibility {visibility:.2f}"
            )
